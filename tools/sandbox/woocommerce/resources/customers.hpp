#pragma once

#include "woocommerce/resources/resource.hpp"

namespace sandbox::woo {

// /customers: `role` is "customer" unless asked otherwise, and no date filter exists.
class Customers : public Resource {
public:
    explicit Customers(Shop& shop);

protected:
    Records& records() override { return shop_.customers; }
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    std::string default_orderby() const override { return "name"; }
    bool descending_by_default() const override { return false; }
    Json present(const Record& record, const Call& call) const override;
    Json links_of(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void change(Record& record, Call& call) override;

private:
    void check_email(const std::string& email, std::int64_t own_id) const;
};

}  // namespace sandbox::woo
