#include "woocommerce/woocommerce.hpp"

#include <nlohmann/json.hpp>

namespace sandbox {
namespace {

class WooCommerce : public Platform {
public:
    std::string name() const override { return "woocommerce"; }
    bool serves(const Request& request) const override {
        return request.path.rfind("/wp-json", 0) == 0 || request.parameter("rest_route");
    }
    Response handle(const Request& request) override {
        return control_error(404, "not simulated: " + request.path);
    }
    Response control(const Request& request) override {
        return control_error(404, "no such control: " + request.path);
    }
    void reset() override {}
    nlohmann::json credentials(const std::string&) const override {
        return nlohmann::json::object();
    }
};

}  // namespace

std::unique_ptr<Platform> make_woocommerce(const PlatformOptions&) {
    return std::make_unique<WooCommerce>();
}

}  // namespace sandbox
