// A company in the running sandbox, the connector over loopback HTTP, and the host's part in a
// delivery: needs first, then documents, thirty at a time, tokens refreshed when they have expired.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "script.hpp"
#include "support/sandbox_process.hpp"

namespace syncline::quickbooks {

class Company {
public:
    Company() {
        control("POST", "/reset");
        const Json credentials = sandbox().introduction().at("platforms").at("quickbooks");
        for (const char* name :
             {"realm_id", "client_id", "environment", "api_base_url", "token_url"}) {
            books.settings[name] = credentials.at(name);
        }
        books.host.secrets = {
            {"client_secret", credentials.at("client_secret")},
            {"refresh_token", credentials.at("refresh_token")}};
        books.host.on_http = [](const plugin::HttpRequest& request) { return exchange(request); };
        refresh();
        discover();
    }

    static test::SandboxProcess& sandbox() {
        static test::SandboxProcess process;
        return process;
    }

    // Below /_sandbox.
    static Json control(
        const std::string& method, const std::string& path, const Json& body = Json()
    ) {
        const auto reply = test::send(
            sandbox().port(),
            {method, "/_sandbox" + path, {}, body.is_null() ? "" : dump_json(body)}
        );
        EXPECT_EQ(reply.status / 100, 2) << method << " " << path << ": " << reply.body;
        return parsed(reply.body);
    }
    static Json control_qbo(
        const std::string& method, const std::string& path, const Json& body = Json()
    ) {
        return control(method, "/quickbooks" + path, body);
    }
    // Documents of a type in the books.
    static std::vector<Json> ledger(const std::string& type) {
        std::vector<Json> rows;
        const Json whole = control_qbo("GET", "/ledger");
        for (const auto& row : whole.at("documents")) {
            if (row.at("entity") == type) {
                rows.push_back(row);
            }
        }
        return rows;
    }

    // An object made by hand, as a bookkeeper would; the answer.
    Json make(const std::string& entity, const Json& body) {
        const auto reply = post_raw(entity, body);
        EXPECT_EQ(reply.status, 200) << reply.body;
        return parsed(reply.body);
    }

    void refresh() {
        const auto tokens = books.connector().oauth_refresh(books.call.call());
        ASSERT_TRUE(tokens) << tokens.error().message;
        books.host.secrets["refresh_token"] = tokens->refresh_token;
        books.host.secrets["access_token"] = tokens->access_token;
    }
    void discover() {
        const auto catalog = books.connector().discover(books.call.call());
        ASSERT_TRUE(catalog) << catalog.error().message;
        const auto facts = from_json<CompanyFacts>(catalog->facts);
        ASSERT_TRUE(facts) << facts.error().message;
        books.facts = *facts;
    }

    struct Delivery {
        std::map<std::int64_t, Written> done;
        std::map<std::int64_t, Error> failed;
        std::optional<Error> error;
    };
    // One write under a key of its own, or the given one.
    Delivery write(const std::vector<WriteItem>& items, const std::string& key = "") {
        plugin::testing::FakeCall call(key.empty() ? next_key() : key);
        plugin::testing::FakeOutcomes outcomes;
        WriteRequest request;
        request.items = items;
        const auto result = books.connector().write(call.call(), request, outcomes.outcomes());
        return {
            outcomes.done,
            outcomes.failed,
            result ? std::nullopt : std::optional<Error>(result.error())};
    }
    std::string next_key() {
        const std::string number = std::to_string(++keys_);
        return "5f0c6a4e-8f1d-5e3b-9a55-" + std::string(12 - number.size(), '0') + number;
    }

    std::vector<Found> find(
        const std::string& entity,
        std::vector<FindKey> keys,
        std::optional<Timestamp> since = std::nullopt
    ) {
        FindRequest request;
        request.entity = entity;
        request.keys = std::move(keys);
        request.since = since;
        const auto found = books.connector().find(books.call.call(), request);
        EXPECT_TRUE(found) << (found ? "" : found.error().message);
        return found ? *found : std::vector<Found>();
    }

    // Delivers what these orders need and gives their documents, ready to be written.
    std::vector<WriteItem> prepare(const std::vector<Encoded>& orders) {
        std::map<std::string, Need> needs;
        for (const auto& encoded : orders) {
            for (const auto& need : encoded.needs) {
                needs.emplace(need.key, need);
            }
        }
        provide(needs);
        std::vector<WriteItem> items;
        for (const auto& encoded : orders) {
            for (const auto& document : encoded.documents) {
                WriteItem item = item_of(document, static_cast<std::int64_t>(items.size()));
                item.body = resolved(document.body);
                items.push_back(std::move(item));
            }
        }
        return items;
    }
    // Encodes and prepares one order's documents.
    std::vector<WriteItem> documents(const Order& order, std::vector<KnownDocument> known = {}) {
        return prepare({books.order(order, std::move(known))});
    }

    Json resolved(const Json& body) const {
        if (body.is_object() && body.contains("$need")) {
            const auto found = ids.find(body.at("$need"));
            return found == ids.end() ? body : Json(found->second);
        }
        Json out = body;
        if (out.is_structured()) {
            for (auto& child : out) {
                child = resolved(child);
            }
        }
        return out;
    }

    Books books;
    std::map<std::string, std::string> ids;   // need to remote id
    std::map<std::string, std::string> held;  // need to the code it is held with

private:
    static Result<plugin::HttpResponse> exchange(const plugin::HttpRequest& request) {
        const std::string path = request.url.substr(request.url.find('/', 8));
        try {
            const auto reply =
                test::send(sandbox().port(), {request.method, path, request.headers, request.body});
            return plugin::HttpResponse{reply.status, reply.headers, reply.body};
        } catch (const std::exception& e) {
            return Error{ErrorCode::kTransient, e.what(), "http.no_answer"};
        }
    }

    test::SandboxReply post_raw(const std::string& entity, const Json& body) {
        return test::send(
            sandbox().port(),
            {"POST",
             "/v3/company/" + books.settings.at("realm_id").get<std::string>() + "/" + entity +
                 "?minorversion=75",
             {{"Authorization", "Bearer " + books.host.secrets["access_token"]},
              {"Accept", "application/json"},
              {"Content-Type", "application/json"}},
             *print_wire(body)}
        );
    }

    void provide(const std::map<std::string, Need>& needs) {
        for (const char* entity : {"customer", "product"}) {
            std::vector<FindKey> keys;
            std::vector<WriteItem> items;
            for (const auto& [key, need] : needs) {
                if (need.entity == entity && ids.count(key) == 0) {
                    keys.push_back(FindKey{key, need.natural_key, "", "", need.record});
                }
            }
            for (const auto& found : keys.empty() ? std::vector<Found>() : find(entity, keys)) {
                (found.hold ? held[found.key] : ids[found.key]) =
                    found.hold ? found.hold->code : found.remote_id;
            }
            std::vector<std::string> made;
            for (const auto& key : keys) {
                if (ids.count(key.key) != 0 || held.count(key.key) != 0) {
                    continue;
                }
                EncodeRequest request = books.request(entity);
                request.records = {needs.at(key.key).record};
                const auto encoded = books.connector().encode(books.call.call(), request);
                ASSERT_TRUE(encoded && !encoded->front().documents.empty()) << key.key;
                items.push_back(item_of(
                    encoded->front().documents.front(), static_cast<std::int64_t>(items.size())
                ));
                made.push_back(key.key);
            }
            write_all(items, [&](const WriteItem& item, const Written& written) {
                ids[made.at(static_cast<std::size_t>(item.index))] = written.remote_id;
            });
        }
    }

public:
    // In batches of thirty; what fails fails the test.
    template <class Fn>
    void write_all(const std::vector<WriteItem>& items, Fn&& on_done) {
        for (std::size_t from = 0; from < items.size(); from += 30) {
            const auto begin = items.begin() + static_cast<std::ptrdiff_t>(from);
            const auto count = std::min<std::size_t>(30, items.size() - from);
            const std::vector<WriteItem> batch(begin, begin + static_cast<std::ptrdiff_t>(count));
            const Delivery delivery = write(batch);
            EXPECT_FALSE(delivery.error) << delivery.error->message;
            for (const auto& [index, error] : delivery.failed) {
                ADD_FAILURE() << index << ": " << error.message;
            }
            for (const auto& [index, written] : delivery.done) {
                on_done(items.at(static_cast<std::size_t>(index)), written);
            }
        }
    }

private:
    int keys_ = 0;
};

}  // namespace syncline::quickbooks
