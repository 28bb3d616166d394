// The recorded shop in the sandbox, its flows, and what must be in the targets in the end.
#pragma once

#include <map>
#include <set>
#include <string>

#include "e2e/support/host_process.hpp"
#include "support/sandbox_process.hpp"

namespace syncline::test {

class DemoShop {
public:
    explicit DemoShop(std::vector<std::string> sandbox_arguments = {});

    // Connections and the two order flows, as a configuration declares them.
    Json config() const;

    const std::string& url() const { return sandbox_.url(); }
    unsigned short port() const { return sandbox_.port(); }
    // Below /_sandbox. Throws std::runtime_error for an answer that is not 2xx.
    Json control(const std::string& method, const std::string& path, const Json& body = Json())
        const;
    Json orders() const { return control("GET", "/woocommerce/orders"); }
    Json documents() const { return control("GET", "/quickbooks/ledger").at("documents"); }
    Json rows(const std::string& table) const {
        return control("GET", "/supabase/tables/" + table).at("rows");
    }
    // Requests that asked QuickBooks or Supabase for something else than to read.
    std::size_t writes() const;
    // A refresh token as the books' owner gets it who consents again; those before are no longer
    // good.
    std::string consented_token() const;
    // As after the start.
    void reset() const { control("POST", "/reset"); }

    // Everything that is wrong with the targets, one line each; empty: no order is missing, none is
    // there twice, every total and every tax is the shop's.
    // Orders of `held` are not to be in the books.
    std::string wrong(const std::set<std::string>& held = {}) const;
    // How many objects of each kind the targets hold. Equal for every way to the same end.
    std::map<std::string, std::size_t> inventory() const;

private:
    mutable SandboxProcess sandbox_;
};

}  // namespace syncline::test
