#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "woocommerce/resources/resource.hpp"
#include "woocommerce/wire/keys.hpp"

namespace sandbox::woo {

// One address of the REST API; {placeholders} go to Call::path.
struct Route {
    std::string pattern;               // below /wc/v3; "{id}" takes digits, "{name}" any text
    std::vector<std::string> methods;  // in the order in which `Allow` lists them
    std::function<Reply(Call&)> handle;
    bool needs_key = true;
    bool single = false;  // one record: errors speak of "this resource"

    // What an anonymous request is told.
    RestError refusal(const std::string& method) const;
};

// The whole surface of a shop, and the controllers behind it.
class Routes {
public:
    explicit Routes(Shop& shop);

    // The route of a call, its placeholders filled in; nullptr when there is none for the method.
    const Route* find(Call& call) const;
    // The methods of the address, or "" for an unknown one or an anonymous request.
    std::string allow_header(const Call& call) const;

private:
    void add_resource(const std::string& path, std::unique_ptr<Resource> resource);
    void add(std::string pattern, std::function<Json(const Call&)> read, bool needs_key = true);
    Json namespace_index() const;
    const Route* match(const std::string& route, std::vector<std::string>& path) const;

    Shop& shop_;
    std::vector<std::unique_ptr<Resource>> resources_;
    std::vector<Route> routes_;
};

}  // namespace sandbox::woo
