#pragma once

#include "woocommerce/resources/resource.hpp"

namespace sandbox::woo {

// /webhooks: kept and shown, nothing is delivered.
class Webhooks : public Resource {
public:
    explicit Webhooks(Shop& shop);

protected:
    Records& records() override { return shop_.webhooks; }
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    Json present(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void change(Record& record, Call& call) override;
};

}  // namespace sandbox::woo
