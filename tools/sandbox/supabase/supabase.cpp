#include "supabase/supabase.hpp"

#include <nlohmann/json.hpp>

namespace sandbox {
namespace {

class Supabase : public Platform {
public:
    std::string name() const override { return "supabase"; }
    bool serves(const Request& request) const override {
        return request.path.rfind("/rest/v1", 0) == 0 || request.path.rfind("/auth/v1", 0) == 0;
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

std::unique_ptr<Platform> make_supabase(const PlatformOptions&) {
    return std::make_unique<Supabase>();
}

}  // namespace sandbox
