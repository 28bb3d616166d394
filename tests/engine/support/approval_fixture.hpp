// An engine whose flow has the default approval policy, and a person who asks and confirms.
#pragma once

#include "engine/confirmation_control.hpp"
#include "engine/restarts.hpp"
#include "support/engine_fixture.hpp"

namespace syncline::testing {

using engine::ConfirmationControl;
using engine::StartRequest;

class ApprovalTest : public EngineTest {
protected:
    void SetUp() override {
        EngineTest::SetUp();
        set_policy({});
    }
    void set_policy(const ApprovalPolicy& policy) {
        FlowDefinition definition = flow().definition;
        definition.approval = policy;
        ASSERT_TRUE(engine().stores.flows.put(tenant_, definition, false, 1).has_value());
    }
    Flow flow() { return engine().stores.flows.find(tenant_, "shop-books-orders").value(); }
    void put_orders(std::int64_t first, std::int64_t last) {
        for (std::int64_t id = first; id <= last; ++id) {
            shop_.put(id, std::to_string(id) + ".00", "c" + std::to_string(id) + "@x.example");
        }
    }
    // Something was written to the books before, so that the first write is none.
    void write_one_before() {
        set_policy({10, true, true, {Starter::kApi}});
        put_orders(900, 900);
        run();
        ASSERT_EQ(books_.count("invoice"), 1u);
        set_policy({});
    }
    ConfirmationControl confirmations() {
        return ConfirmationControl(engine().stores, engine().control, clock_);
    }
    static StartRequest orders(SyncMode mode = SyncMode::kIncremental) {
        StartRequest request;
        request.entity = "order";
        request.mode = mode;
        return request;
    }
    std::string error_of_start(const StartRequest& request = orders()) {
        const auto started = engine().control.start(tenant_, request);
        return started ? "" : started.error().name;
    }
    ConfirmationControl::Asked ask(const StartRequest& request = orders()) {
        return confirmations().ask(tenant_, "ann", request).value();
    }
    std::string error_of_confirm(const std::string& token, const std::string& who = "ann") {
        const auto confirmed = confirmations().confirm(tenant_, who, token);
        return !confirmed ? confirmed.error().name : confirmed->started ? "" : "changed";
    }
    // The flow's last run failed: starts it again and works. Answers how many were restarted.
    std::size_t restart_failed() {
        engine::Restarts restarts(engine().stores, engine().control, clock_);
        const std::size_t started = restarts.step().value();
        work();
        return started;
    }
    // What the books hold, by natural key.
    std::map<std::string, Json> invoices() {
        std::map<std::string, Json> all;
        for (const auto& [id, document] : books_.documents) {
            if (document.entity == "invoice") {
                all[document.natural_key] = document.body;
            }
        }
        return all;
    }
};

}  // namespace syncline::testing
