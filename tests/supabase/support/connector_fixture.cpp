#include "connector_fixture.hpp"

namespace syncline::test {

Connected::Connected(const Project& project, KeyStyle style, Json settings) {
    host_.secrets["service_role_key"] =
        style == KeyStyle::kSecret ? project.keys().secret : project.keys().service_role;
    host_.on_http = [](const plugin::HttpRequest& request) { return exchange(request); };
    settings["project_url"] = project.url() + "/rest/v1/";
    connector_ = std::make_unique<supabase::SupabaseConnector>(host_.handle(), settings);
}

std::vector<WriteItem> Connected::encode(
    const std::string& entity, const std::vector<Json>& records
) {
    EncodeContext context;
    context.entity = entity;
    context.tenant = "acme";
    context.source = "woocommerce:shop";
    return encode_in(context, records);
}

std::vector<WriteItem> Connected::encode_in(
    const EncodeContext& context, const std::vector<Json>& records
) {
    EncodeRequest request;
    request.context = context;
    request.records = records;
    const auto encoded = connector_->encode(call(), request);
    EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
    std::vector<WriteItem> items;
    for (const auto& one : encoded ? *encoded : std::vector<Encoded>{}) {
        EXPECT_FALSE(one.documents.empty());
        for (const auto& document : one.documents) {
            WriteItem item;
            item.index = static_cast<std::int64_t>(items.size());
            item.role = document.role;
            item.entity = document.entity;
            item.operation = document.operation;
            item.natural_key = document.natural_key;
            item.body = document.body;
            item.money = document.money;
            items.push_back(std::move(item));
        }
    }
    return items;
}

Connected::Outcome Connected::write(const std::vector<WriteItem>& items) {
    plugin::testing::FakeOutcomes outcomes;
    for (const auto& item : items) {
        if (item.operation != DocumentOperation::kUpsert) {
            outcomes.removals.insert(item.index);
        }
    }
    auto whole = connector_->write(call(), WriteRequest{items}, outcomes.outcomes());
    return {std::move(outcomes.done), std::move(outcomes.failed), std::move(whole)};
}

std::vector<std::string> Connected::requests() {
    std::vector<std::string> lines;
    for (const auto& request : host_.requests) {
        const auto table = request.url.find("/rest/v1/") + 9;
        lines.push_back(
            request.method + " " + request.url.substr(table, request.url.find('?') - table)
        );
    }
    host_.requests.clear();
    return lines;
}

}  // namespace syncline::test
