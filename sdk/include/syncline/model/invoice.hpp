// The canonical invoice, as books have it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <syncline/model/order.hpp>

namespace syncline {

struct Invoice {
    std::string id;
    std::string number;
    std::string order_id;  // of the shop, where known
    std::string status;    // "open", "paid", "void"
    std::string customer_id;
    std::string customer_name;
    std::string customer_email;
    Currency currency;
    std::string issued_on;  // YYYY-MM-DD in the company's zone
    std::string due_on;     // YYYY-MM-DD; may be empty
    std::vector<LineItem> lines;
    Money tax_total;
    Money total;
    Money balance;
    std::optional<Timestamp> created_at;
    std::optional<Timestamp> updated_at;
    std::vector<Issue> issues;
    Json raw;  // the source's own form

    static constexpr auto fields() {
        return field_list(
            field("id", &Invoice::id),
            field("number", &Invoice::number),
            field("order_id", &Invoice::order_id),
            field("status", &Invoice::status),
            field("customer_id", &Invoice::customer_id),
            field("customer_name", &Invoice::customer_name),
            field("customer_email", &Invoice::customer_email),
            field("currency", &Invoice::currency),
            field("issued_on", &Invoice::issued_on),
            field("due_on", &Invoice::due_on),
            field("lines", &Invoice::lines),
            field("tax_total", &Invoice::tax_total),
            field("total", &Invoice::total),
            field("balance", &Invoice::balance),
            field("created_at", &Invoice::created_at),
            field("updated_at", &Invoice::updated_at),
            field("issues", &Invoice::issues),
            field("raw", &Invoice::raw)
        );
    }
};

}  // namespace syncline
