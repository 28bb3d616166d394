// A fixed number of threads that run tasks in the order they come.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace syncline::engine {

class WorkerPool {
public:
    explicit WorkerPool(std::size_t threads);
    // Waits for running tasks; queued ones are dropped.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // A task must not throw. [any thread]
    void submit(std::function<void()> task);

private:
    void work();

    std::mutex mutex_;
    std::condition_variable filled_;
    std::deque<std::function<void()>> tasks_;
    bool stopping_ = false;
    std::vector<std::thread> threads_;
};

}  // namespace syncline::engine
