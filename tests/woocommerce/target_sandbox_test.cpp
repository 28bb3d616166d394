// The connector as a target, against the simulated shop.
#include <algorithm>
#include <random>

#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/product.hpp>
#include <syncline/plugin/testing/fake_host.hpp>

#include "woocommerce/recorded.hpp"
#include "woocommerce/sandbox.hpp"
#include "woocommerce/target/entities.hpp"
#include "woocommerce/woocommerce.hpp"

namespace syncline::woocommerce {
namespace {

using testing::Sandbox;

Money usd(const char* amount) {
    return *Money::parse(amount, *Currency::parse("USD"));
}

Product product(const std::string& id, const std::string& sku, const char* price = "24.50") {
    Product product;
    product.id = id;
    product.sku = sku;
    product.name = "Cedar mug " + id;
    product.type = "NonInventory";
    product.price = product.regular_price = usd(price);
    return product;
}

Customer customer(const std::string& id, const std::string& email) {
    Customer customer;
    customer.id = id;
    customer.email = email;
    customer.first_name = "Ines";
    customer.last_name = "Okafor";
    customer.billing.line1 = "3 Main St";
    customer.billing.city = "Duluth";
    customer.billing.country = "US";
    return customer;
}

// A shop of its own per test, the connector, and the host's part in a delivery.
class Target : public ::testing::Test {
protected:
    Target() {
        abi_.random = [](void*, std::uint8_t* buffer, std::size_t size) -> syncline_status {
            std::random_device source;
            std::generate_n(buffer, size, [&] { return static_cast<std::uint8_t>(source()); });
            return SYNCLINE_OK;
        };
        host.now = Timestamp{std::chrono::duration_cast<std::chrono::milliseconds>(
                                 std::chrono::system_clock::now().time_since_epoch()
        )
                                 .count()};
        use_key("read_write");
        host.on_http = testing::exchange;
        connect();
    }

    void connect(Json settings = Json::object()) {
        settings["store_url"] = sandbox.url();
        connector = std::make_unique<WooCommerce>(
            plugin::Host(&abi_), with_defaults(WooCommerce::spec(), settings)
        );
    }
    void use_key(const std::string& rights) {
        host.secrets = {
            {"consumer_key", sandbox.key(rights)}, {"consumer_secret", sandbox.secret(rights)}};
    }

    template <class Model>
    std::vector<WriteItem> items(const std::string& entity, const std::vector<Model>& models) {
        EncodeRequest request;
        request.context.entity = entity;
        request.context.source = "quickbooks:books";
        request.context.facts = {{"currency", "USD"}};
        for (const auto& model : models) {
            request.records.push_back(to_json(model));
        }
        plugin::testing::FakeCall call;
        const auto encoded = connector->encode(call.call(), request);
        EXPECT_TRUE(encoded) << (encoded ? "" : encoded.error().message);
        std::vector<WriteItem> all;
        for (const auto& one : encoded ? *encoded : std::vector<Encoded>()) {
            EXPECT_EQ(one.documents.size(), 1u) << dump_json(to_json(one));
            const Document& document = one.documents.front();
            WriteItem item;
            item.index = static_cast<std::int64_t>(all.size());
            item.role = document.role;
            item.entity = document.entity;
            item.natural_key = document.natural_key;
            item.marker = document.marker;
            item.body = document.body;
            all.push_back(std::move(item));
        }
        return all;
    }

    struct Delivery {
        std::map<std::int64_t, Written> done;
        std::map<std::int64_t, Error> failed;
        std::optional<Error> error;
    };
    Delivery write(const std::vector<WriteItem>& items) {
        plugin::testing::FakeCall call("5f0c6a4e-8f1d-5e3b-9a55-6f4f3e1d2c3b");
        plugin::testing::FakeOutcomes outcomes;
        const auto result = connector->write(call.call(), {items}, outcomes.outcomes());
        EXPECT_TRUE(outcomes.problems.empty()) << outcomes.problems.front();
        return {
            outcomes.done,
            outcomes.failed,
            result ? std::nullopt : std::optional<Error>(result.error())};
    }
    // One that must succeed.
    Written written(WriteItem item, const Written& before = {}) {
        item.remote_id = before.remote_id;
        item.version = before.version;
        const Delivery delivery = write({item});
        EXPECT_EQ(delivery.done.size(), 1u)
            << (delivery.failed.empty() ? "" : delivery.failed.begin()->second.message);
        return delivery.done.empty() ? Written{} : delivery.done.begin()->second;
    }

    std::vector<Found> find(const FindRequest& request) {
        plugin::testing::FakeCall call;
        const auto found = connector->find(call.call(), request);
        EXPECT_TRUE(found) << (found ? "" : found.error().message);
        return found ? *found : std::vector<Found>();
    }

    // The record as the next read pushes it.
    std::string pushed(const std::string& entity, const std::string& id) {
        ReadRequest request;
        request.entity = entity;
        request.ids = {id};
        plugin::testing::FakeCall call;
        const auto page = connector->read(call.call(), request);
        EXPECT_TRUE(page) << (page ? "" : page.error().message);
        return page && page->records.size() == 1 ? page->records.front().json : "not one record";
    }
    void expect_read_back(const std::string& entity, const Written& written) {
        ASSERT_TRUE(written.read_back);
        EXPECT_EQ(written.read_back->entity, entity);
        EXPECT_EQ(written.read_back->key, written.remote_id);
        EXPECT_EQ(written.read_back->json, pushed(entity, written.remote_id));
    }

    // The shop's own answers, asked by somebody else.
    Json shop(const std::string& method, const std::string& path, Json body = Json()) {
        Shop other(plugin::Host(&abi_), ShopSettings::from_json({{"store_url", sandbox.url()}}));
        const auto answer = other.send(method, path, {}, std::move(body));
        EXPECT_TRUE(answer) << (answer ? "" : answer.error().message);
        return answer ? answer->body : Json();
    }
    std::size_t requests_to(const std::string& path) const {
        return static_cast<std::size_t>(std::count_if(
            host.requests.begin(),
            host.requests.end(),
            [&](const auto& request) { return request.url.find(path) != std::string::npos; }
        ));
    }

    Sandbox sandbox;
    plugin::testing::FakeHost host;
    std::unique_ptr<WooCommerce> connector;

private:
    syncline_host abi_ = *host.abi();
};

TEST_F(Target, AProductIsMadeAndThenKeptUpToDate) {
    const Written made = written(items("product", std::vector{product("43", "MUG-1")}).front());
    Json row = shop("GET", "products/" + made.remote_id);
    EXPECT_EQ(row["sku"], "MUG-1");
    EXPECT_EQ(row["regular_price"], "24.50");
    EXPECT_EQ(row["type"], "simple");
    EXPECT_EQ(row["meta_data"][0]["value"], "quickbooks:books:43");
    auto item = items("product", std::vector{product("43", "MUG-1", "26.00")}).front();
    const Written again = written(item, made);
    EXPECT_EQ(again.remote_id, made.remote_id);
    EXPECT_NE(again.version, made.version);
    EXPECT_EQ(again.owned, item.body);
    row = shop("GET", "products/" + made.remote_id);
    EXPECT_EQ(row["price"], "26.00");
    EXPECT_EQ(row["meta_data"].size(), 1u);
}

TEST_F(Target, ASaleInTheShopIsNoConflictButAPriceChangedByHandIs) {
    const auto item = items("product", std::vector{product("43", "MUG-1")}).front();
    const Written made = written(item);
    const std::string path = "products/" + made.remote_id;
    shop("PUT", path, {{"manage_stock", false}, {"short_description", "changed by hand"}});
    const Written same = written(item, made);
    EXPECT_TRUE(same_owned(same.version, made.version));
    shop("PUT", path, {{"regular_price", "19.00"}});
    WriteItem update = item;
    update.remote_id = made.remote_id;
    update.version = made.version;
    const Delivery delivery = write({update});
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.begin()->second.code, ErrorCode::kConflict);
    EXPECT_EQ(shop("GET", path)["regular_price"], "19.00");
}

TEST_F(Target, WhatAWriteTellsIsWhatTheNextReadPushes) {
    const Written mug = written(items("product", std::vector{product("43", "MUG-1")}).front());
    expect_read_back("product", mug);
    const auto dearer = items("product", std::vector{product("43", "MUG-1", "26.00")}).front();
    const Written changed = written(dearer, mug);
    expect_read_back("product", changed);
    EXPECT_NE(changed.read_back->json, mug.read_back->json);

    const auto person = items("customer", std::vector{customer("7", "new@example.test")}).front();
    const Written made = written(person);
    expect_read_back("customer", made);
    auto moved = customer("7", "new@example.test");
    moved.billing.city = "Ely";
    expect_read_back("customer", written(items("customer", std::vector{moved}).front(), made));

    WriteItem status;
    status.role = status.entity = "order";
    status.natural_key = "60";
    status.body = {{"status", "on-hold"}};
    const Written held = written(status);
    EXPECT_FALSE(held.read_back) << "it is not known what the order was like before";
    status.body = {{"status", "completed"}};
    expect_read_back("order", written(status, held));
}

// The shop knows more of a record than we write; what somebody did to that is not ours.
TEST_F(Target, NothingIsToldOfARecordThatSomebodyElseChanged) {
    const auto item = items("product", std::vector{product("43", "MUG-1")}).front();
    const Written made = written(item);
    const std::string path = "products/" + made.remote_id;
    shop("PUT", path, {{"short_description", "changed by hand"}});
    const Written over = written(item, made);
    EXPECT_FALSE(over.read_back);
    expect_read_back("product", written(item, over));

    // Between our look and our write.
    bool once = true;
    host.on_http = [&](const plugin::HttpRequest& request) {
        if (once && request.url.find("products/batch") != std::string::npos) {
            once = false;
            shop("PUT", path, {{"short_description", "in between"}});
        }
        return testing::exchange(request);
    };
    EXPECT_FALSE(written(item, over).read_back);
    EXPECT_FALSE(once);
}

TEST_F(Target, NothingIsToldOfWhatWasAdoptedAndOfVariations) {
    shop("POST", "products", {{"name", "Old mug"}, {"sku", "MUG-1"}});
    const Written made = written(items("product", std::vector{product("43", "MUG-1")}).front());
    EXPECT_TRUE(made.adopted);
    EXPECT_FALSE(made.read_back);

    Json variable;
    for (const auto& row : shop("GET", "products")) {
        variable = row.at("type") == "variable" ? row : variable;
    }
    ASSERT_TRUE(variable.is_object());
    WriteItem item;
    item.role = item.entity = "product";
    item.body = {{"name", "Cedar"}};
    Written before;
    before.remote_id = dump_json(variable.at("id"));
    before = written(item, before);
    item.body = {{"name", "Cedar mugs"}};
    EXPECT_FALSE(written(item, before).read_back) << "its variations were not looked at";
}

TEST_F(Target, ASkuThatIsThereIsAdopted) {
    const Json theirs = shop("POST", "products", {{"name", "Old mug"}, {"sku", "MUG-1"}});
    const Written made = written(items("product", std::vector{product("43", "MUG-1")}).front());
    EXPECT_EQ(made.remote_id, dump_json(theirs["id"]));
    EXPECT_TRUE(made.adopted);
    ASSERT_EQ(made.warnings.size(), 1u);
    EXPECT_EQ(shop("GET", "products/" + made.remote_id)["name"], "Cedar mug 43");
}

TEST_F(Target, ASkuInTheTrashIsHeld) {
    const Json theirs = shop("POST", "products", {{"name", "Old mug"}, {"sku", "MUG-1"}});
    shop("DELETE", "products/" + dump_json(theirs["id"]));
    const Delivery delivery = write(items("product", std::vector{product("43", "MUG-1")}));
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.begin()->second.code, ErrorCode::kHold);
    EXPECT_EQ(delivery.failed.begin()->second.name, "IN_TRASH");
}

TEST_F(Target, ACustomerIsMadeAndOneWithThatEmailIsAdopted) {
    const auto item = items("customer", std::vector{customer("7", "New@Example.test")}).front();
    const Written made = written(item);
    EXPECT_FALSE(made.adopted);
    Json row = shop("GET", "customers/" + made.remote_id);
    EXPECT_EQ(row["email"], "new@example.test");
    EXPECT_EQ(row["billing"]["city"], "Duluth");
    const Written second = written(item);
    EXPECT_EQ(second.remote_id, made.remote_id);
    EXPECT_TRUE(second.adopted);
}

TEST_F(Target, AnOrdersStatusIsSetAndAnOrderIsNeverMade) {
    connect({{"orders_of", "woocommerce:shop"}});
    Order order;
    order.id = "912";
    order.status = OrderStatus::kCompleted;
    order.currency = *Currency::parse("USD");
    order.raw = {{"source_system", "woocommerce:shop"}, {"source_id", "60"}};
    auto item = items("order", std::vector{order}).front();
    const std::string before = shop("GET", "orders/60")["total"];
    const Written done = written(item);
    EXPECT_EQ(done.remote_id, "60");
    EXPECT_EQ(shop("GET", "orders/60")["status"], "completed");
    EXPECT_EQ(shop("GET", "orders/60")["total"], before);
    item.natural_key = "999999";
    const Delivery delivery = write({item});
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.begin()->second.name, "GONE_IN_SHOP");
}

TEST_F(Target, EachItemOfAHalfFailedBatchIsSettledByItself) {
    connect({{"batch_size", 100}});
    std::vector<Product> products;
    for (int i = 0; i < 10; ++i) {
        products.push_back(product(std::to_string(i), "HALF-" + std::to_string(i)));
    }
    const auto all = items("product", products);
    sandbox.shop({{"broken_batches", 1}});
    const Delivery first = write(all);
    EXPECT_FALSE(first.error);
    EXPECT_EQ(first.done.size(), 5u);
    ASSERT_EQ(first.failed.size(), 5u);
    for (const auto& [index, error] : first.failed) {
        EXPECT_EQ(index % 2, 1);
        EXPECT_EQ(error.code, ErrorCode::kTransient) << error.message;
    }
    for (const auto& [index, one] : first.done) {
        EXPECT_EQ(shop("GET", "products/" + one.remote_id)["sku"], "HALF-" + std::to_string(index));
    }
    // Repeating all of it makes none twice.
    const Delivery second = write(all);
    EXPECT_EQ(second.done.size(), 10u);
    for (const auto& [index, one] : first.done) {
        EXPECT_EQ(second.done.at(index).remote_id, one.remote_id);
        EXPECT_TRUE(second.done.at(index).adopted);
    }
}

TEST_F(Target, MoreThanABatchGoesInSeveral) {
    connect({{"batch_size", 4}});
    std::vector<Product> products;
    for (int i = 0; i < 10; ++i) {
        products.push_back(product(std::to_string(i), "MANY-" + std::to_string(i)));
    }
    const Delivery delivery = write(items("product", products));
    EXPECT_EQ(delivery.done.size(), 10u);
    EXPECT_EQ(requests_to("products/batch"), 3u);
}

TEST_F(Target, AfterALostAnswerWhatWasMadeIsFound) {
    auto all = items("product", std::vector{product("1", "LOST-1"), product("2", "")});
    const auto people = items("customer", std::vector{customer("7", "lost@example.test")});
    const Timestamp since{host.now.ms - 300'000};
    sandbox.fault("/products/batch", {{"drop", "after"}});
    const Delivery lost = write(all);
    ASSERT_TRUE(lost.error);
    EXPECT_EQ(lost.error->code, ErrorCode::kTransient);
    sandbox.fault("/customers/batch", {{"drop", "after"}});
    EXPECT_TRUE(write(people).error);
    FindRequest products{"product", {}, since};
    for (const auto& item : all) {
        products.keys.push_back(
            {std::to_string(item.index), item.natural_key, item.marker, "", item.body}
        );
    }
    const auto found = find(products);
    ASSERT_EQ(found.size(), 2u);
    for (const auto& one : found) {
        EXPECT_FALSE(one.hold);
        EXPECT_EQ(one.owned, all.at(std::stoul(one.key)).body);
    }
    const auto person = find(
        {"customer", {{"k", people[0].natural_key, people[0].marker, "", people[0].body}}, since}
    );
    ASSERT_EQ(person.size(), 1u);
    EXPECT_EQ(shop("GET", "customers/" + person[0].remote_id)["email"], "lost@example.test");
}

TEST_F(Target, WhatIsGoneInTheShopIsHeldAndADeleteOfItIsDone) {
    const auto item = items("product", std::vector{product("43", "MUG-1")}).front();
    const Written made = written(item);
    WriteItem removal = item;
    removal.operation = DocumentOperation::kDelete;
    removal.remote_id = made.remote_id;
    EXPECT_EQ(write({removal}).done.size(), 1u);
    EXPECT_EQ(shop("GET", "products/" + made.remote_id)["status"], "trash");
    EXPECT_EQ(write({removal}).done.size(), 1u);
    sandbox.control("DELETE", "/woocommerce/products/" + made.remote_id);
    WriteItem update = item;
    update.remote_id = made.remote_id;
    const Delivery delivery = write({update});
    ASSERT_EQ(delivery.failed.size(), 1u);
    EXPECT_EQ(delivery.failed.begin()->second.name, "GONE_IN_SHOP");
}

TEST_F(Target, AVoidMakesAProductADraftAndCancelsAnOrder) {
    const Written made = written(items("product", std::vector{product("43", "MUG-1")}).front());
    WriteItem item;
    item.operation = DocumentOperation::kVoid;
    item.entity = "product";
    item.remote_id = made.remote_id;
    WriteItem order = item;
    order.index = 1;
    order.entity = "order";
    order.remote_id = "60";
    EXPECT_EQ(write({item, order}).done.size(), 2u);
    EXPECT_EQ(shop("GET", "products/" + made.remote_id)["status"], "draft");
    EXPECT_EQ(shop("GET", "orders/60")["status"], "cancelled");
}

TEST_F(Target, AKeyThatMayNotWritePausesTheConnection) {
    const auto all = items("product", std::vector{product("43", "MUG-1")});
    use_key("read");
    const Delivery delivery = write(all);
    ASSERT_TRUE(delivery.error);
    EXPECT_EQ(delivery.error->code, ErrorCode::kAuth);
}

}  // namespace
}  // namespace syncline::woocommerce
