// Every type that crosses the boundary as JSON, there and back.
#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include <syncline/model/customer.hpp>
#include <syncline/model/invoice.hpp>
#include <syncline/model/order.hpp>
#include <syncline/model/payment.hpp>
#include <syncline/model/product.hpp>
#include <syncline/model/refund.hpp>
#include <syncline/operations.hpp>
#include <syncline/spec.hpp>

#include "sdk/filled.hpp"

namespace syncline {
namespace {

struct Place {
    std::size_t offset;
    std::size_t size;
    std::size_t alignment;
};

// Where the members that fields() lists lie in a T, in order of address.
template <class T>
std::vector<Place> places_of_fields() {
    const T value{};
    const auto* start = reinterpret_cast<const char*>(&value);
    std::vector<Place> places;
    detail::visit_fields<T>([&](const auto&... entry) {
        (places.push_back(
             {static_cast<std::size_t>(
                  reinterpret_cast<const char*>(&(value.*(entry.member))) - start
              ),
              sizeof(value.*(entry.member)),
              alignof(decltype(value.*(entry.member)))}
         ),
         ...);
    });
    std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) {
        return a.offset < b.offset;
    });
    return places;
}

// A member that fields() does not list leaves a hole larger than alignment explains.
template <class T>
bool lists_every_member() {
    std::size_t end = 0;
    const auto aligned = [](std::size_t offset, std::size_t alignment) {
        return (offset + alignment - 1) / alignment * alignment;
    };
    for (const auto& place : places_of_fields<T>()) {
        if (place.offset != aligned(end, place.alignment)) {
            return false;
        }
        end = place.offset + place.size;
    }
    return aligned(end, alignof(T)) == sizeof(T);
}

template <class T>
void expect_there_and_back() {
    const T value = testing::Filler().make<T>();
    const Json json = to_json(value);
    const auto back = from_json<T>(parse_json(dump_json(json)).value(), Unknown::kRefuse);
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_EQ(to_json(*back), json);

    const Json untouched = to_json(T{});
    for (const auto& [name, member] : json.items()) {
        EXPECT_TRUE(!untouched.contains(name) || untouched.at(name) != member)
            << "'" << name << "' was not filled, so its way back shows nothing";
    }
    const auto& names = detail::kFieldNames<T>;
    EXPECT_EQ(std::set<std::string_view>(names.begin(), names.end()).size(), names.size());
    EXPECT_TRUE(from_json<T>(untouched, Unknown::kRefuse).has_value());
}

template <class... T>
void expect_complete() {
    (
        [] {
            SCOPED_TRACE(__PRETTY_FUNCTION__);
            expect_there_and_back<T>();
            EXPECT_TRUE(lists_every_member<T>());
        }(),
        ...
    );
}

TEST(Models, GoThereAndBackWithEveryMember) {
    expect_complete<Address, Customer, Invoice, Issue, Order, Payment, Product, Refund>();
}

TEST(Models, PartsGoThereAndBackWithEveryMember) {
    expect_complete<
        LineTax,
        LineItem,
        ShippingLine,
        FeeLine,
        Discount,
        TaxLine,
        RefundSummary,
        ProductAttribute>();
}

TEST(Operations, GoThereAndBackWithEveryMember) {
    expect_complete<
        Reason,
        CheckReport,
        CatalogEntity,
        Catalog,
        ReadWindow,
        ReadRequest,
        EncodeContext,
        KnownDocument,
        EncodeRequest,
        DocumentMoney,
        Document,
        Need,
        Encoded,
        FindKey,
        FindRequest,
        Found,
        WriteItem,
        WriteRequest,
        Written,
        Tokens,
        WebhookDelivery,
        WebhookEvent,
        WebhookRegistration,
        WebhookReport>();
}

TEST(Operations, ThePageGoesWithoutItsRecordsWhichArePushedOneByOne) {
    expect_there_and_back<Page>();
    Page page;
    page.records.push_back({"order", "7", RecordOperation::kUpsert, {}, "{}"});
    EXPECT_FALSE(to_json(page).contains("records"));
}

TEST(Specs, GoThereAndBackWithEveryMember) {
    expect_complete<Setting, Limits, Spec>();
}

TEST(LayoutProbe, SeesAMemberThatFieldsDoNotList) {
    struct Forgetful {
        std::string listed;
        std::string forgotten;
        std::string last;
        static constexpr auto fields() {
            return field_list(field("listed", &Forgetful::listed), field("last", &Forgetful::last));
        }
    };
    EXPECT_FALSE(lists_every_member<Forgetful>());
}

template <class E>
void expect_names_of() {
    std::set<std::string_view> names;
    for (const auto& [value, name] : EnumNames<E>::kNames) {
        EXPECT_EQ(enum_from_name<E>(name), value);
        EXPECT_EQ(enum_name(value), name);
        names.insert(name);
    }
    EXPECT_EQ(names.size(), EnumNames<E>::kNames.size());
    EXPECT_EQ(enum_from_name<E>("no such name"), std::nullopt);
}

TEST(Enums, HaveOneNamePerValue) {
    expect_names_of<OrderStatus>();
    expect_names_of<PaymentStatus>();
    expect_names_of<DocumentOperation>();
    expect_names_of<SettingType>();
    expect_names_of<AuthKind>();
    expect_names_of<WriteSafety>();
}

TEST(Order, OfAnUnknownCurrencyCanStillTravel) {
    Order order;
    order.id = "7";
    order.issues.push_back({"CURRENCY_UNKNOWN", "/currency", "XBT"});
    const auto back = from_json<Order>(to_json(order));
    ASSERT_TRUE(back.has_value()) << back.error().message;
    EXPECT_TRUE(back->currency.empty());
    EXPECT_EQ(back->issues.at(0).value, "XBT");
}

TEST(Record, IdsSortAsNumbersDo) {
    std::vector<std::string> ids{"100", "9", "10", "abc", "1"};
    std::sort(ids.begin(), ids.end(), id_less);
    EXPECT_EQ(ids, (std::vector<std::string>{"1", "9", "10", "100", "abc"}));
}

TEST(Customer, IsKnownByAnEmailInOneForm) {
    EXPECT_EQ(normalized_email(" Ann.Lee@X.Example\r\n"), "ann.lee@x.example");
    EXPECT_EQ(normalized_email("\t "), "");
    EXPECT_EQ(normalized_email("Ä@x.example"), "Ä@x.example");
}

TEST(EncodeRequest, KnowsNothingOfARecordWithoutAnEntry) {
    EncodeRequest request;
    request.known = {{{"invoice", "invoice", "12"}}};
    EXPECT_EQ(request.known_of(0).at(0).remote_id, "12");
    EXPECT_TRUE(request.known_of(1).empty());
}

}  // namespace
}  // namespace syncline
