#pragma once

#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/plugin/testing/fake_host.hpp>

#include "models.hpp"
#include "project.hpp"
#include "supabase/connector.hpp"

namespace syncline::test {

// The connector on a project, over real HTTP.
class Connected {
public:
    enum class KeyStyle { kSecret, kJwt };

    explicit Connected(
        const Project& project, KeyStyle style = KeyStyle::kSecret, Json settings = Json::object()
    );

    supabase::SupabaseConnector& connector() { return *connector_; }
    plugin::Call& call() { return call_.call(); }
    plugin::testing::FakeHost& host() { return host_; }

    // Encodes the records for tenant acme from woocommerce:shop; every one must give documents.
    std::vector<WriteItem> encode(const std::string& entity, const std::vector<Json>& records);
    // The same in another context: another tenant, source, target.
    std::vector<WriteItem> encode_in(
        const EncodeContext& context, const std::vector<Json>& records
    );
    // Writes the items; a failure of the whole is in `whole`.
    struct Outcome {
        std::map<std::int64_t, Written> done;
        std::map<std::int64_t, Error> failed;
        Result<void> whole;
    };
    Outcome write(const std::vector<WriteItem>& items);
    // Requests made since the last call of this, as "POST orders".
    std::vector<std::string> requests();

private:
    plugin::testing::FakeHost host_;
    plugin::testing::FakeCall call_{"5d0c1f5e-0000-4000-8000-000000000001"};
    std::unique_ptr<supabase::SupabaseConnector> connector_;
};

}  // namespace syncline::test
