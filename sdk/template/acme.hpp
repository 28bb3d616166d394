// Connector for Acme, an order and invoice service with a JSON API. Reads orders; writes customers
// and invoices.
#pragma once

#include <string>
#include <vector>

#include <syncline/plugin.hpp>

namespace acme {

using syncline::plugin::Call;

class Acme {
public:
    static constexpr const char* kId = "com.example.acme";
    static constexpr const char* kVersion = "0.1.0";
    static syncline::Spec spec();

    Acme(syncline::plugin::Host host, const syncline::Json& settings);

    syncline::Result<syncline::CheckReport> check(Call& call);
    syncline::Result<syncline::Catalog> discover(Call& call);
    syncline::Result<syncline::Page> read(Call& call, const syncline::ReadRequest& request);
    syncline::Result<std::vector<syncline::Encoded>> encode(
        Call& call, const syncline::EncodeRequest& request
    );
    syncline::Result<std::vector<syncline::Found>> find(
        Call& call, const syncline::FindRequest& request
    );
    syncline::Result<void> write(
        Call& call, const syncline::WriteRequest& request, syncline::plugin::Outcomes& outcomes
    );

private:
    syncline::Result<syncline::plugin::HttpResponse> send(syncline::plugin::HttpRequest request
    ) const;
    syncline::Result<syncline::plugin::HttpResponse> get(const std::string& path) const;
    syncline::Result<syncline::Json> get_json(const std::string& path) const;
    syncline::Result<syncline::Written> write_one(const Call& call, const syncline::WriteItem& item)
        const;

    syncline::plugin::Host host_;
    std::string base_url_;
    std::int64_t page_size_;
};

}  // namespace acme
