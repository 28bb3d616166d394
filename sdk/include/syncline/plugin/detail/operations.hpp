// From the C table to the methods of a connector class, and their answers back. Nothing unwinds
// past guard().
#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <syncline/abi.h>
#include <syncline/operations.hpp>
#include <syncline/plugin/call.hpp>
#include <syncline/plugin/host.hpp>
#include <syncline/spec.hpp>
#include <syncline/spec_checks.hpp>

namespace syncline::plugin {

inline namespace sdk_1_0 {

namespace detail {

// One call across the boundary, as the host made it.
struct Crossing {
    const syncline_call* call;
    syncline_bytes in;
    const syncline_out* out;
    syncline_error* error;
};

inline syncline_status fail(const Error& error, syncline_error* into) noexcept {
    fill_abi_error(error, into);
    return abi_status(error.code);
}

// The status of the exception in flight. `json_status` is whose fault unexpected JSON is: the
// record's, or that of the settings.
inline syncline_status status_of_exception(
    syncline_status json_status, syncline_error* error
) noexcept {
    try {
        throw;
    } catch (const Json::parse_error&) {
        // Its what() quotes the text, which may hold a secret.
        fill_abi_error("json.unreadable", "text that is not JSON (parse_json says where)", error);
        return json_status;
    } catch (const Json::exception& e) {
        fill_abi_error("json.unexpected", e.what(), error);
        return json_status;
    } catch (const std::exception& e) {
        fill_abi_error("exception.escaped", e.what(), error);
        return SYNCLINE_BUG;
    } catch (...) {
        fill_abi_error("exception.escaped", "an exception that is no std::exception", error);
        return SYNCLINE_BUG;
    }
}

// The only function that faces C.
template <class Fn>
syncline_status guard(syncline_status json_status, syncline_error* error, Fn&& fn) noexcept {
    try {
        return fn();
    } catch (...) {
        return status_of_exception(json_status, error);
    }
}

inline syncline_status give(const Crossing& at, const Json& json) {
    const std::string text = dump_json(json);
    return at.out->result(at.out->self, as_bytes(text));
}

template <class T>
syncline_status give(const Crossing& at, const Result<T>& result) {
    return result ? give(at, to_json(*result)) : fail(result.error(), at.error);
}

inline syncline_status give_page(const Crossing& at, const Result<Page>& page) {
    if (!page) {
        return fail(page.error(), at.error);
    }
    for (const auto& record : page->records) {
        syncline_record raw{};
        raw.struct_size = sizeof raw;
        raw.op = record.operation == RecordOperation::kDelete ? SYNCLINE_DELETE : SYNCLINE_UPSERT;
        raw.changed_at_ms = record.changed_at.ms;
        raw.entity = as_bytes(record.entity);
        raw.key = as_bytes(record.key);
        raw.json = as_bytes(record.json);
        if (const auto status = at.out->record(at.out->self, &raw); status != SYNCLINE_OK) {
            return status;
        }
    }
    return give(at, to_json(*page));
}

// A request that we cannot read is the host's bug, not the record's.
inline syncline_status unreadable(const Error& why, syncline_error* error) {
    fill_abi_error("request.unreadable", why.message, error);
    return SYNCLINE_BUG;
}

// Parses at.in as a Request and hands it to `fn`.
template <class Request, class Fn>
syncline_status with_request(const Crossing& at, Fn&& fn) {
    auto json = parse_json(as_text(at.in));
    auto request = json ? from_json<Request>(*json) : Result<Request>(json.error());
    return request ? fn(*request) : unreadable(request.error(), at.error);
}

template <class C>
syncline_status spec(const syncline_sink* out, syncline_error* error) {
    return guard(SYNCLINE_BUG, error, [&] {
        const std::string text = dump_json(to_json(C::spec()));
        return out->put(out->self, as_bytes(text));
    });
}

template <class C>
syncline_status create(
    const syncline_host* host, syncline_bytes config, void** instance, syncline_error* error
) {
    return guard(SYNCLINE_CONFIG, error, [&]() -> syncline_status {
        auto settings = parse_json(config.len == 0 ? "{}" : as_text(config));
        if (!settings) {
            return unreadable(settings.error(), error);
        }
        const Json complete = with_defaults(C::spec(), std::move(*settings));
        *instance = std::make_unique<C>(Host(host), complete).release();
        return SYNCLINE_OK;
    });
}

template <class C>
void destroy(void* instance) {
    guard(SYNCLINE_BUG, nullptr, [&]() -> syncline_status {
        const std::unique_ptr<C> owned(static_cast<C*>(instance));
        return SYNCLINE_OK;
    });
}

// The operations with a typed signature; each calls one method of C.
template <class C>
struct Typed {
    static syncline_status check(C& self, Call& call, const Crossing& at) {
        return give(at, self.check(call));
    }
    static syncline_status discover(C& self, Call& call, const Crossing& at) {
        return give(at, self.discover(call));
    }
    static syncline_status read(C& self, Call& call, const Crossing& at) {
        return with_request<ReadRequest>(at, [&](const ReadRequest& request) {
            return give_page(at, self.read(call, request));
        });
    }
    static syncline_status encode(C& self, Call& call, const Crossing& at) {
        return with_request<EncodeRequest>(at, [&](const EncodeRequest& request) {
            Result<std::vector<Encoded>> encoded = self.encode(call, request);
            if (encoded && encoded->size() != request.records.size()) {
                encoded = Error{
                    ErrorCode::kBug,
                    "encode gave " + std::to_string(encoded->size()) + " results for " +
                        std::to_string(request.records.size()) + " records",
                    "encode.count"};
            }
            return give(at, encoded);
        });
    }
    static syncline_status find(C& self, Call& call, const Crossing& at) {
        return with_request<FindRequest>(at, [&](const FindRequest& request) {
            return give(at, self.find(call, request));
        });
    }
    static syncline_status write(C& self, Call& call, const Crossing& at) {
        return with_request<WriteRequest>(at, [&](const WriteRequest& request) {
            Outcomes outcomes(at.out);
            const Result<void> result = self.write(call, request, outcomes);
            if (outcomes.stopped()) {
                return outcomes.status();
            }
            return result ? SYNCLINE_OK : fail(result.error(), at.error);
        });
    }
    static syncline_status oauth_refresh(C& self, Call& call, const Crossing& at) {
        return give(at, self.oauth_refresh(call));
    }
};

// What stands in the table of a connector C: `run` is one of Typed<C>, or of the JSON operations.
template <class C, auto run>
syncline_status operation(
    void* instance,
    const syncline_call* raw,
    syncline_bytes in,
    const syncline_out* out,
    syncline_error* error
) {
    return guard(SYNCLINE_DATA, error, [&]() -> syncline_status {
        Call call(raw);
        return run(*static_cast<C*>(instance), call, Crossing{raw, in, out, error});
    });
}

// The other operations take and give Json: `method` is one of C's.
template <class C, auto method>
syncline_status json_operation(C& self, Call& call, const Crossing& at) {
    auto json = parse_json(at.in.len == 0 ? "{}" : as_text(at.in));
    if (!json) {
        return unreadable(json.error(), at.error);
    }
    const Result<Json> result = method(self, call, *json);
    return result ? give(at, *result) : fail(result.error(), at.error);
}

}  // namespace detail

}  // namespace sdk_1_0
}  // namespace syncline::plugin
