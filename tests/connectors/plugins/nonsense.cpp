// Answers what the setting "answer" of its connection says, which is mostly nonsense.
#include <cstring>
#include <string>
#include <thread>

#include "plain_plugin.hpp"

namespace {

using namespace syncline::test_plugins;

struct Instance {
    const syncline_host* host;
    std::string answer;
};

syncline_status spec(const syncline_sink* out, syncline_error*) {
    static const std::string kSpec =
        R"({"title":"Nonsense","settings":[{"name":"answer","type":"string","help":"What"}]})";
    return out->put(out->self, bytes(kSpec));
}

syncline_status create(
    const syncline_host* host, syncline_bytes config, void** instance, syncline_error* error
) {
    const std::string text(reinterpret_cast<const char*>(config.ptr), config.len);
    const auto start = text.find(":\"") + 2;
    const std::string answer = text.substr(start, text.rfind('"') - start);
    if (answer == "refuse to be made") {
        std::strcpy(error->code, "test.refused");
        std::strcpy(error->message, "no, because of \x1b[31mred\x1b[0m and \xff");
        error->http_status = 9999;
        return SYNCLINE_CONFIG;
    }
    if (answer != "no instance") {
        *instance = new Instance{host, answer};
    }
    return SYNCLINE_OK;
}

void destroy(void* instance) {
    delete static_cast<Instance*>(instance);
}

void give_record(
    const syncline_out* out,
    const std::string& entity,
    const std::string& key,
    const std::string& json
) {
    syncline_record record{};
    record.struct_size = sizeof record;
    record.op = SYNCLINE_UPSERT;
    record.entity = bytes(entity);
    record.key = bytes(key);
    record.json = bytes(json);
    out->record(out->self, &record);
}

const std::string kOrder = "order";
const std::string kOne = "1";

// Broken in the way of a record; false if `answer` is about something else.
bool give_bad_record(const std::string& answer, const syncline_out* out) {
    if (answer == "record not json") {
        give_record(out, "order", "1", "{\"a\":");
    } else if (answer == "record not an object") {
        give_record(out, "order", "1", "[1]");
    } else if (answer == "record not utf-8") {
        give_record(out, "order", "1", "{\"a\":\"\xff\"}");
    } else if (answer == "record too deep") {
        give_record(
            out, "order", "1", "{\"a\":" + std::string(200, '[') + std::string(200, ']') + "}"
        );
    } else if (answer == "record of another entity") {
        give_record(out, "customer", "1", "{}");
    } else if (answer == "record without key") {
        give_record(out, "order", "", "{}");
    } else if (answer == "record with a broken key") {
        give_record(out, "order", "a\nb", "{}");
    } else if (answer == "one bad record of three") {
        give_record(out, "order", "1", "{}");
        give_record(out, "order", "2", "{\"a\":");
        give_record(out, "order", "3", "{}");
    } else if (answer == "a record that is too large") {
        give_record(out, "order", "1", "{\"a\":\"" + std::string(3'000'000, 'x') + "\"}");
        give_record(out, "order", "2", "{}");
    } else if (answer == "nothing but garbage") {
        for (int i = 0; i < 10; ++i) {
            give_record(out, "order", std::to_string(i), "garbage");
        }
    } else if (answer == "null record") {
        out->record(out->self, nullptr);
    } else if (answer == "record of unknown operation") {
        syncline_record record{};
        record.struct_size = sizeof record;
        record.op = 77;
        record.entity = bytes(kOrder);
        record.key = bytes(kOne);
        out->record(out->self, &record);
    } else if (answer == "record from the far future") {
        syncline_record record{};
        record.struct_size = sizeof record;
        record.op = SYNCLINE_DELETE;
        record.changed_at_ms = INT64_MAX;
        record.entity = bytes(kOrder);
        record.key = bytes(kOne);
        out->record(out->self, &record);
    } else {
        return false;
    }
    out->result(out->self, bytes("{}"));
    return true;
}

bool give_bad_items(const std::string& answer, const syncline_out* out) {
    static const std::string kDone = R"({"remote_id":"r"})";
    if (answer == "index out of range") {
        out->item(out->self, 0, SYNCLINE_OK, nullptr, bytes(kDone));
        out->item(out->self, 99, SYNCLINE_OK, nullptr, bytes(kDone));
    } else if (answer == "index twice") {
        out->item(out->self, 0, SYNCLINE_OK, nullptr, bytes(kDone));
        out->item(out->self, 1, SYNCLINE_OK, nullptr, bytes(kDone));
        out->item(out->self, 1, SYNCLINE_DATA, nullptr, {nullptr, 0});
    } else if (answer == "unknown item status") {
        out->item(out->self, 0, 42, nullptr, {nullptr, 0});
    } else if (answer == "done without json") {
        out->item(out->self, 0, SYNCLINE_OK, nullptr, {nullptr, 0});
    } else if (answer == "done without remote id") {
        out->item(out->self, 0, SYNCLINE_OK, nullptr, bytes("{\"version\":\"1\"}"));
    } else if (answer == "failed without error") {
        out->item(out->self, 0, SYNCLINE_DATA, nullptr, {nullptr, 0});
    } else {
        return false;
    }
    return true;
}

syncline_status say(syncline_error* error, const std::string& message, syncline_status status) {
    if (error != nullptr) {
        std::memset(error->message, 'x', sizeof error->message);  // not terminated
        std::memcpy(error->message, message.data(), message.size());
        std::memset(error->code, '?', sizeof error->code);
        error->retry_after_ms = INT64_MAX;
    }
    return status;
}

syncline_status act(
    void* instance,
    const syncline_call* call,
    syncline_bytes in,
    const syncline_out* out,
    syncline_error* error
) {
    const std::string& answer = static_cast<Instance*>(instance)->answer;
    if (answer.rfind("status ", 0) == 0) {
        return std::stoi(answer.substr(7));
    }
    if (answer.rfind("result ", 0) == 0) {
        std::string text = answer.substr(7);
        for (auto& c : text) {
            c = c == '\'' ? '"' : c == '~' ? '\xff' : c;
        }
        return out->result(out->self, bytes(text));
    }
    if (answer == "nothing") {
        return SYNCLINE_OK;
    }
    if (answer == "two results") {
        out->result(out->self, bytes("{}"));
        out->result(out->self, bytes("{}"));
        return SYNCLINE_OK;
    }
    if (answer == "long error") {
        return say(error, "token=abc123 \x07", SYNCLINE_DATA);
    }
    if (answer == "too much") {
        const std::string piece = "{\"a\":\"" + std::string(100'000, 'x') + "\"}";
        for (int i = 0; i < 100'000; ++i) {
            give_record(out, "order", std::to_string(i), piece);
        }
        return SYNCLINE_OK;
    }
    if (answer == "huge result") {
        out->result(out->self, bytes(std::string(3'000'000, ' ') + "{}"));
        return SYNCLINE_OK;
    }
    if (answer == "another thread") {
        std::thread([&] { out->result(out->self, bytes("{}")); }).join();
        return SYNCLINE_OK;
    }
    if (answer == "wait for stop") {
        const auto* host = static_cast<Instance*>(instance)->host;
        host->kv_put(host->self, bytes("waiting"), bytes("yes"));
        while (call->cancelled(call->self) == 0) {
            std::this_thread::yield();
        }
        return SYNCLINE_CANCELLED;
    }
    if (answer == "echo") {
        const std::string text(reinterpret_cast<const char*>(in.ptr), in.len);
        out->result(out->self, bytes("{\"account\":" + text + "}"));
        return SYNCLINE_OK;
    }
    return give_bad_record(answer, out) || give_bad_items(answer, out) ? SYNCLINE_OK : SYNCLINE_BUG;
}

syncline_connector make() {
    syncline_connector connector =
        connector_named("com.example.nonsense", &spec, &create, &destroy);
    connector.check = &act;
    connector.discover = &act;
    connector.read = &act;
    connector.encode = &act;
    connector.find = &act;
    connector.write = &act;
    connector.oauth_refresh = &act;
    return connector;
}

const syncline_connector kConnector = make();
const syncline_connector* const kConnectors[] = {&kConnector};

}  // namespace

extern "C" SYNCLINE_EXPORT constinit const syncline_plugin syncline_plugin_v1 =
    syncline::test_plugins::plugin_of(kConnectors);
