#pragma once

#include "woocommerce/resources/resource.hpp"

namespace sandbox::woo {

// /products and /products/{parent}/variations
class Products : public Resource {
public:
    enum class Kind { kProduct, kVariation };
    Products(Shop& shop, Kind kind);

protected:
    Records& records() override;
    Matcher matcher(const Call& call) const override;
    std::string search_text(const Record& record) const override;
    std::string sort_text(const Record& record, const std::string& orderby) const override;
    Json present(const Record& record, const Call& call) const override;
    Json links_of(const Record& record, const Call& call) const override;
    std::int64_t insert(Call& call) override;
    void change(Record& record, Call& call) override;
    void discard(Record& record, bool force) override;

private:
    bool matches(const Record& record, const Call& call) const;
    void check_sku(const std::string& sku, std::int64_t own_id) const;
    void write(Json& document, const Json& body);
    Json related_ids(const Record& record) const;

    const Kind kind_;
};

}  // namespace sandbox::woo
