#include "quickbooks/quickbooks.hpp"

#include <nlohmann/json.hpp>

namespace sandbox {
namespace {

class QuickBooks : public Platform {
public:
    std::string name() const override { return "quickbooks"; }
    bool serves(const Request& request) const override {
        return request.path.rfind("/v3/company/", 0) == 0 || request.path.rfind("/oauth2/", 0) == 0;
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

std::unique_ptr<Platform> make_quickbooks(const PlatformOptions&) {
    return std::make_unique<QuickBooks>();
}

}  // namespace sandbox
