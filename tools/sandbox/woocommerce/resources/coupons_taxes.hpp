#pragma once

#include "woocommerce/resources/resource.hpp"

namespace sandbox::woo {

// /coupons
class Coupons : public Resource {
public:
    explicit Coupons(Shop& shop);

protected:
    Records& records() override { return shop_.coupons; }
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    Json present(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void change(Record& record, Call& call) override;
};

// /taxes: the rates that new orders are taxed by
class Taxes : public Resource {
public:
    explicit Taxes(Shop& shop);

protected:
    Records& records() override { return shop_.taxes; }
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    std::string default_orderby() const override { return "order"; }
    bool descending_by_default() const override { return false; }
    Json present(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void change(Record& record, Call& call) override;
};

}  // namespace sandbox::woo
