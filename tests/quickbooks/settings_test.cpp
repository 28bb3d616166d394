#include "books.hpp"

namespace syncline::quickbooks {
namespace {

std::string file_text(const std::string& name) {
    std::ifstream file(std::string(SYNCLINE_SOURCE_DIR) + "/plugins/quickbooks/" + name);
    EXPECT_TRUE(file) << name;
    std::stringstream text;
    text << file.rdbuf();
    return text.str();
}

TEST(QuickBooksSettings, TheReadmeHasEverySettingWithItsHelp) {
    const std::string readme = file_text("README.md");
    for (const auto& setting : connector_spec().settings) {
        EXPECT_NE(readme.find("| `" + setting.name + "` |"), std::string::npos) << setting.name;
        EXPECT_NE(readme.find(setting.help), std::string::npos) << setting.name;
    }
}

TEST(QuickBooksSettings, TheExampleIsAccepted) {
    const Json example = parsed(file_text("config.example.json"));
    const auto problems = check_settings(connector_spec(), example);
    for (const auto& problem : problems) {
        ADD_FAILURE() << problem.message;
    }
    EXPECT_TRUE(choices_of(example, Json::object()));
}

TEST(QuickBooksSettings, MissingUnknownAndWrongOnesAreNamed) {
    const auto problems = check_settings(
        connector_spec(), parsed(R"({"realm_id": "1", "client_id": "a", "client_secret": "s",
                                     "refresh_token": "r", "enviroment": "sandbox",
                                     "environment": "test", "post_zero_total": "yes"})")
    );
    std::string all;
    for (const auto& problem : problems) {
        all += problem.message + "\n";
    }
    EXPECT_EQ(problems.size(), 3u) << all;
    EXPECT_NE(all.find("/enviroment: unknown"), std::string::npos) << all;
    EXPECT_NE(all.find("/environment: expected one of"), std::string::npos) << all;
    EXPECT_NE(all.find("/post_zero_total"), std::string::npos) << all;
}

TEST(QuickBooksSettings, TheEnvironmentChoosesTheHostUnlessAUrlIsGiven) {
    const auto base = [](const char* settings) {
        return addresses_of(parsed(settings)).api.base_url;
    };
    EXPECT_EQ(base("{}"), "https://quickbooks.api.intuit.com");
    EXPECT_EQ(base(R"({"environment": "sandbox"})"), "https://sandbox-quickbooks.api.intuit.com");
    EXPECT_EQ(base(R"({"api_base_url": "http://127.0.0.1:9/"})"), "http://127.0.0.1:9");
    EXPECT_EQ(
        addresses_of(parsed("{}")).token_url,
        "https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer"
    );
}

TEST(QuickBooksSettings, TheFlowsChoicesGoOverTheConnections) {
    const auto choices = choices_of(
        parsed(R"({"txn_date": "created", "income_account": "79", "realm_id": "1"})"),
        parsed(R"({"txn_date": "completed", "other_targets": {"x": 1}})")
    );
    ASSERT_TRUE(choices) << choices.error().message;
    EXPECT_EQ(choices->txn_date, DateChoice::kCompleted);
    EXPECT_EQ(choices->income_account, "79");
    EXPECT_EQ(choices->doc_number_format, "WOO-{number}");
}

TEST(QuickBooksSettings, WithoutAChoiceLinesAreNetAndClosedBooksHold) {
    const auto choices = choices_of(Json::object(), Json::object());
    ASSERT_TRUE(choices) << choices.error().message;
    EXPECT_EQ(choices->discounts, DiscountChoice::kNet);
    EXPECT_EQ(choices->discount_account, "");
    EXPECT_EQ(choices->closed_books, ClosedBooksChoice::kHold);
    std::map<std::string, Setting> settings;
    for (const auto& setting : connector_spec().settings) {
        settings[setting.name] = setting;
    }
    EXPECT_EQ(settings.at("discounts").choices, (std::vector<std::string>{"net", "line"}));
    EXPECT_EQ(settings.at("discounts").default_value, "net");
    EXPECT_EQ(
        settings.at("closed_books").choices, (std::vector<std::string>{"hold", "first_open_day"})
    );
    EXPECT_EQ(settings.at("closed_books").default_value, "hold");
    const auto flow = choices_of(
        parsed(R"({"discounts": "net", "closed_books": "hold"})"),
        parsed(R"({"discounts": "line", "closed_books": "first_open_day"})")
    );
    ASSERT_TRUE(flow) << flow.error().message;
    EXPECT_EQ(flow->discounts, DiscountChoice::kLine);
    EXPECT_EQ(flow->closed_books, ClosedBooksChoice::kFirstOpenDay);
}

TEST(QuickBooksSettings, AWrongChoiceIsAnErrorThatNamesIt) {
    struct Case {
        const char* settings;
        const char* place;
    };
    for (const auto& one : {
             Case{R"({"document_choice": {"stripe": "receipt"}})", "/document_choice/stripe"},
             Case{R"({"txn_date": "yesterday"})", "/txn_date"},
             Case{R"({"discounts": "gross"})", "/discounts"},
             Case{R"({"closed_books": "today"})", "/closed_books"},
             Case{R"({"discount_account": 86})", "/discount_account"},
             Case{R"({"fallback_item": "42"})", "/fallback_item"},
             Case{R"({"cancelled": "delete"})", "/cancelled"},
             Case{R"({"manual_refunds": {"stripe": "voucher"}})", "/manual_refunds/stripe"},
             Case{R"({"payment_confirmed": {"cod": "later"}})", "/payment_confirmed/cod"},
             Case{R"({"product_items": {"GIFT": "78"}})", "/product_items/GIFT"},
             Case{R"({"fee_items": {"Gift wrap": "sku:"}})", "/fee_items/Gift wrap"},
         }) {
        const auto choices = choices_of(parsed(one.settings), Json::object());
        ASSERT_FALSE(choices) << one.settings;
        EXPECT_EQ(choices.error().code, ErrorCode::kConfig);
        EXPECT_NE(choices.error().message.find(one.place), std::string::npos)
            << choices.error().message;
    }
}

TEST(QuickBooksSettings, TheConnectorHasTheOperationsItShould) {
    const syncline_connector& connector = plugin::kConnector<QuickBooks>;
    EXPECT_STREQ(connector.id, "com.syncline.quickbooks");
    for (const auto operation :
         {connector.check,
          connector.discover,
          connector.read,
          connector.encode,
          connector.find,
          connector.write,
          connector.oauth_refresh}) {
        EXPECT_NE(operation, nullptr);
    }
    const Spec spec = connector_spec();
    EXPECT_EQ(spec.write_safety, WriteSafety::kRequestId);
    EXPECT_EQ(spec.limits.write_batch_max, 30);
}

}  // namespace
}  // namespace syncline::quickbooks
