// Fake books whose connector takes settings of tenants: a color, which must be one the account has.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "support/fake_platform.hpp"

namespace syncline::testing {

// What the connector saw, and what its account has.
struct ChoosyAccount {
    std::vector<std::string> colors{"red", "blue"};
    std::vector<Json> settings_seen;  // EncodeContext::settings of records
    int checks = 0;
};

class ChoosyBooksConnector : public FakeBooksConnector {
public:
    ChoosyBooksConnector(FakeBooks& books, ChoosyAccount& account)
        : FakeBooksConnector(books), account_(account) {}

    Result<Catalog> discover(const connectors::CallContext&) override {
        Catalog catalog;
        catalog.facts = {{"colors", account_.colors}};
        return catalog;
    }

    Result<std::vector<Encoded>> encode(
        const EncodeContext& context,
        const std::vector<std::string>& records,
        const std::vector<std::vector<KnownDocument>>& known,
        const connectors::CallContext& call
    ) override {
        if (context.entity != "transformer_config") {
            account_.settings_seen.push_back(context.settings);
            return FakeBooksConnector::encode(context, records, known, call);
        }
        ++account_.checks;
        if (!context.facts.is_object() || !context.facts.contains("colors")) {
            return Error{ErrorCode::kConfig, "nothing is known of the account", "choosy.no_facts"};
        }
        std::vector<Encoded> all;
        for (const auto& text : records) {
            all.push_back(checked(parse_json(text).value(), context.facts.at("colors")));
        }
        return all;
    }

private:
    static Encoded checked(const Json& settings, const Json& colors) {
        Encoded encoded;
        for (const auto& entry : settings.items()) {
            const bool there =
                std::find(colors.begin(), colors.end(), entry.value()) != colors.end();
            if (entry.key() == "color" && !there) {
                encoded.warnings.push_back(Reason{"COLOR", "/color: there is no such color"});
            }
        }
        if (encoded.warnings.empty()) {
            encoded.skip = Reason{"USABLE", "all of it is there"};
        } else {
            encoded.hold = Reason{"REFUSED", "some of it is not there"};
        }
        return encoded;
    }

    ChoosyAccount& account_;
};

class ChoosySource : public FakeConnectorSource {
public:
    ChoosySource(FakeShop& shop, FakeBooks& books, ChoosyAccount& account)
        : FakeConnectorSource(shop, books), books_of_(books), account_(account) {
        spec_ = *FakeConnectorSource::spec("books");
        const auto add = [&](const char* name, SettingType type, bool required) {
            Setting setting;
            setting.name = name;
            setting.type = type;
            setting.help = "For tests.";
            setting.required = required;
            spec_.settings.push_back(std::move(setting));
        };
        add("company", SettingType::kString, true);
        add("password", SettingType::kSecret, false);
        add("base_url", SettingType::kUrl, false);
        add("color", SettingType::kString, false);
        add("size", SettingType::kString, false);
    }

    std::vector<engine::ConnectorDescription> list() const override {
        auto all = FakeConnectorSource::list();
        all.back().spec = spec_;
        return all;
    }
    const Spec* spec(const std::string& platform) const override {
        return platform == "books" ? &spec_ : FakeConnectorSource::spec(platform);
    }

protected:
    std::unique_ptr<connectors::Connector> make_books(const Json&, connectors::ConnectionServices&)
        override {
        return std::make_unique<ChoosyBooksConnector>(books_of_, account_);
    }

private:
    FakeBooks& books_of_;
    ChoosyAccount& account_;
    Spec spec_;
};

}  // namespace syncline::testing
