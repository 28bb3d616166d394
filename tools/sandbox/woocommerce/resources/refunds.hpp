#pragma once

#include "woocommerce/resources/resource.hpp"

namespace sandbox::woo {

// /orders/{parent}/refunds, and the list of all orders' refunds at /refunds.
class Refunds : public Resource {
public:
    enum class Scope { kOfAnOrder, kAll };
    Refunds(Shop& shop, Scope scope);

protected:
    Records& records() override { return shop_.refunds; }
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    void add_link_defaults(Json& query, bool any_rows) const override;
    Json present(const Record& record, const Call& call) const override;
    Json links_of(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void discard(Record& record, bool force) override;
    void check_parent(const Call& call) const override;

private:
    const Scope scope_;
};

}  // namespace sandbox::woo
