// A company of the sandbox, in this process: its books compute and check by themselves. Spoken to
// in JSON text, as over the wire, so that no type of the connector's reaches it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace books {

// The sandbox's kinds of companies.
enum class Mode { kUsAutomated, kUsManual, kElsewhere, kOff };
constexpr Mode kModes[] = {Mode::kUsAutomated, Mode::kUsManual, Mode::kElsewhere, Mode::kOff};
const char* name_of(Mode mode);

struct CodeRate {
    std::string percent;
    bool on_tax = false;
};

struct PostedRate {
    std::string percent;
    std::string amount;
    std::string net;
};

struct Posted {
    std::string refused;  // what the books say against it; else the document is in them
    std::string id;
    std::string total;
    std::string tax;
    bool own_tax = false;  // the document's tax is the caller's, not computed
    std::vector<PostedRate> rates;
};

class Ledger {
public:
    // A new company in that currency, with a customer and an item.
    Ledger(Mode mode, const std::string& currency, bool shipping_line);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    // Adds a tax code with these rates, in this order; its id.
    std::string add_code(const std::string& name, const std::vector<CodeRate>& rates);

    Mode mode() const { return mode_; }

    // JSON texts, as the company answers them.
    std::string company_info() const;
    std::string preferences() const;
    std::vector<std::string> list(const std::string& entity) const;  // "Account", "TaxCode", ...

    const std::string& customer() const { return customer_; }
    const std::string& item() const { return item_; }

    // `entity` like "SalesReceipt"; `body` as it goes over the wire.
    Posted create(const std::string& entity, const std::string& body);

    // What is left to pay of an invoice.
    std::string open_amount(const std::string& invoice) const;

private:
    struct Books;
    std::string made(const std::string& entity, const std::string& body);

    Mode mode_;
    std::unique_ptr<Books> books_;
    std::string customer_;
    std::string item_;
};

}  // namespace books
