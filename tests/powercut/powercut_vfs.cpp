// The power-cut VFS: writes stay in this process's memory until they are synced, so whoever kills
// the process takes away exactly what a power cut would. What was written but not synced may also
// reach the disk in any order: a share of the writes (POWERCUT_LEAK percent, seed POWERCUT_SEED)
// does.
//
// It wraps the default VFS, which keeps doing locks and shared memory.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <random>
#include <string>
#include <vector>

#include <sqlite3.h>

namespace {

sqlite3_vfs* real_vfs() {
    static sqlite3_vfs* const kReal = sqlite3_vfs_find("unix");
    return kReal;
}

// What this process sees of one file, and what of it is not on the disk yet.
struct Image {
    std::mutex mutex;
    std::vector<char> bytes;
    struct Change {
        sqlite3_int64 offset;
        std::vector<char> data;  // empty: truncate to offset
    };
    std::vector<Change> unsynced;
};

struct Images {
    std::mutex mutex;
    std::map<std::string, std::weak_ptr<Image>> by_path;
    std::mt19937 random{static_cast<unsigned>(
        std::getenv("POWERCUT_SEED") != nullptr ? std::atoi(std::getenv("POWERCUT_SEED")) : 1
    )};
    unsigned leak_percent = static_cast<unsigned>(
        std::getenv("POWERCUT_LEAK") != nullptr ? std::atoi(std::getenv("POWERCUT_LEAK")) : 0
    );

    bool leaks() {
        const std::lock_guard lock(mutex);
        return random() % 100 < leak_percent;
    }
};

Images& images() {
    static Images all;
    return all;
}

struct File {
    sqlite3_file base;  // first: SQLite sees this
    sqlite3_file* real;
    std::shared_ptr<Image> image;  // null: passed through
};

File& self(sqlite3_file* file) {
    return *reinterpret_cast<File*>(file);
}
sqlite3_file* real(sqlite3_file* file) {
    return self(file).real;
}

int load(sqlite3_file* file, Image& image) {
    sqlite3_int64 size = 0;
    if (const int code = file->pMethods->xFileSize(file, &size); code != SQLITE_OK) {
        return code;
    }
    image.bytes.resize(static_cast<std::size_t>(size));
    return size == 0 ? SQLITE_OK
                     : file->pMethods->xRead(file, image.bytes.data(), static_cast<int>(size), 0);
}

int x_close(sqlite3_file* file) {
    const int code = real(file)->pMethods->xClose(real(file));
    self(file).image.reset();
    return code;
}

int x_read(sqlite3_file* file, void* into, int count, sqlite3_int64 offset) {
    if (self(file).image == nullptr) {
        return real(file)->pMethods->xRead(real(file), into, count, offset);
    }
    Image& image = *self(file).image;
    const std::lock_guard lock(image.mutex);
    const auto size = static_cast<sqlite3_int64>(image.bytes.size());
    const sqlite3_int64 there = std::clamp<sqlite3_int64>(size - offset, 0, count);
    if (there > 0) {
        std::memcpy(into, image.bytes.data() + offset, static_cast<std::size_t>(there));
    }
    if (there == count) {
        return SQLITE_OK;
    }
    std::memset(static_cast<char*>(into) + there, 0, static_cast<std::size_t>(count - there));
    return SQLITE_IOERR_SHORT_READ;
}

int x_write(sqlite3_file* file, const void* from, int count, sqlite3_int64 offset) {
    if (self(file).image == nullptr) {
        return real(file)->pMethods->xWrite(real(file), from, count, offset);
    }
    const char* const bytes = static_cast<const char*>(from);
    if (images().leaks()) {
        real(file)->pMethods->xWrite(real(file), from, count, offset);
    }
    Image& image = *self(file).image;
    const std::lock_guard lock(image.mutex);
    const auto end = static_cast<std::size_t>(offset + count);
    if (image.bytes.size() < end) {
        image.bytes.resize(end);
    }
    std::copy(bytes, bytes + count, image.bytes.begin() + offset);
    image.unsynced.push_back({offset, std::vector<char>(bytes, bytes + count)});
    return SQLITE_OK;
}

int x_truncate(sqlite3_file* file, sqlite3_int64 size) {
    if (self(file).image == nullptr) {
        return real(file)->pMethods->xTruncate(real(file), size);
    }
    Image& image = *self(file).image;
    const std::lock_guard lock(image.mutex);
    image.bytes.resize(static_cast<std::size_t>(size));
    image.unsynced.push_back({size, {}});
    return SQLITE_OK;
}

int x_sync(sqlite3_file* file, int flags) {
    if (self(file).image != nullptr) {
        Image& image = *self(file).image;
        const std::lock_guard lock(image.mutex);
        for (const auto& change : image.unsynced) {
            const int code = change.data.empty()
                                 ? real(file)->pMethods->xTruncate(real(file), change.offset)
                                 : real(file)->pMethods->xWrite(
                                       real(file),
                                       change.data.data(),
                                       static_cast<int>(change.data.size()),
                                       change.offset
                                   );
            if (code != SQLITE_OK) {
                return code;
            }
        }
        image.unsynced.clear();
    }
    return real(file)->pMethods->xSync(real(file), flags);
}

int x_file_size(sqlite3_file* file, sqlite3_int64* size) {
    if (self(file).image == nullptr) {
        return real(file)->pMethods->xFileSize(real(file), size);
    }
    const std::lock_guard lock(self(file).image->mutex);
    *size = static_cast<sqlite3_int64>(self(file).image->bytes.size());
    return SQLITE_OK;
}

int x_lock(sqlite3_file* f, int level) {
    return real(f)->pMethods->xLock(real(f), level);
}
int x_unlock(sqlite3_file* f, int level) {
    return real(f)->pMethods->xUnlock(real(f), level);
}
int x_check_lock(sqlite3_file* f, int* out) {
    return real(f)->pMethods->xCheckReservedLock(real(f), out);
}
int x_control(sqlite3_file* f, int op, void* arg) {
    // Growing the file ahead would go round the image.
    return op == SQLITE_FCNTL_SIZE_HINT || op == SQLITE_FCNTL_CHUNK_SIZE
               ? SQLITE_OK
               : real(f)->pMethods->xFileControl(real(f), op, arg);
}
int x_sector_size(sqlite3_file* f) {
    return real(f)->pMethods->xSectorSize(real(f));
}
int x_characteristics(sqlite3_file*) {
    return 0;
}  // nothing is atomic, nothing is ordered
int x_shm_map(sqlite3_file* f, int page, int size, int extend, void volatile** out) {
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, out);
}
int x_shm_lock(sqlite3_file* f, int offset, int n, int flags) {
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}
void x_shm_barrier(sqlite3_file* f) {
    real(f)->pMethods->xShmBarrier(real(f));
}
int x_shm_unmap(sqlite3_file* f, int remove) {
    return real(f)->pMethods->xShmUnmap(real(f), remove);
}

const sqlite3_io_methods kMethods{
    2,
    x_close,
    x_read,
    x_write,
    x_truncate,
    x_sync,
    x_file_size,
    x_lock,
    x_unlock,
    x_check_lock,
    x_control,
    x_sector_size,
    x_characteristics,
    x_shm_map,
    x_shm_lock,
    x_shm_barrier,
    x_shm_unmap,
    nullptr,
    nullptr};

int x_open(sqlite3_vfs*, sqlite3_filename path, sqlite3_file* file, int flags, int* out_flags) {
    File* const opened = new (file) File{};
    opened->real = reinterpret_cast<sqlite3_file*>(opened + 1);
    const int code = real_vfs()->xOpen(real_vfs(), path, opened->real, flags, out_flags);
    if (code != SQLITE_OK) {
        opened->base.pMethods = nullptr;
        return code;
    }
    opened->base.pMethods = &kMethods;
    const int durable = SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL;
    if (path == nullptr || (flags & durable) == 0) {
        return SQLITE_OK;
    }
    const std::lock_guard lock(images().mutex);
    std::weak_ptr<Image>& known = images().by_path[path];
    opened->image = known.lock();
    if (opened->image == nullptr) {
        opened->image = std::make_shared<Image>();
        known = opened->image;
        return load(opened->real, *opened->image);
    }
    return SQLITE_OK;
}

int x_delete(sqlite3_vfs*, const char* path, int sync) {
    {
        const std::lock_guard lock(images().mutex);
        images().by_path.erase(path);
    }
    return real_vfs()->xDelete(real_vfs(), path, sync);
}

sqlite3_vfs make_vfs() {
    sqlite3_vfs vfs = *real_vfs();
    vfs.pNext = nullptr;
    vfs.zName = "powercut";
    vfs.szOsFile = static_cast<int>(sizeof(File)) + real_vfs()->szOsFile;
    vfs.xOpen = x_open;
    vfs.xDelete = x_delete;
    return vfs;
}

__attribute__((constructor)) void make_default() {
    static sqlite3_vfs vfs = make_vfs();
    images();  // before any file is opened
    sqlite3_vfs_register(&vfs, 1);
}

}  // namespace
