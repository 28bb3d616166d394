#pragma once

#include "woocommerce/resources/resource.hpp"

namespace sandbox::woo {

// /orders
class Orders : public Resource {
public:
    explicit Orders(Shop& shop);

protected:
    Records& records() override { return shop_.orders; }
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    void add_link_defaults(Json& query, bool any_rows) const override;
    Json present(const Record& record, const Call& call) const override;
    Json links_of(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void change(Record& record, Call& call) override;
    void discard(Record& record, bool force) override;

private:
    Json refunds_json(const Record& record) const;
    void check_customer(const Call& call) const;
};

// Statuses an order can be written with.
extern const std::vector<std::string> kOrderStatuses;

// The number of decimals a request wants amounts with.
int wanted_decimals(const Shop& shop, const Call& call);
// Rounds the amounts of an order or refund document in place; texts that are no numbers stay.
void show_amounts(Json& document, int decimals);

}  // namespace sandbox::woo
