// What goes in and out of the operations on webhooks (operations.hpp has the others).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <syncline/json_fields.hpp>
#include <syncline/reason.hpp>
#include <syncline/timestamp.hpp>

namespace syncline {

// ---- webhook_parse: what a verified delivery announces; pure ------------------------------------

struct WebhookHeader {
    std::string name;
    std::string value;

    static constexpr auto fields() {
        return field_list(
            field("name", &WebhookHeader::name), field("value", &WebhookHeader::value)
        );
    }
};

// A delivery that was verified; its body, byte for byte, comes with the call
// (syncline_call.attachment).
struct WebhookDelivery {
    std::vector<WebhookHeader> headers;

    // The value of a header, or "". Names are compared without case.
    std::string header(std::string_view name) const {
        const auto lower = [](char c) {
            return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
        };
        for (const auto& one : headers) {
            bool same = one.name.size() == name.size();
            for (std::size_t i = 0; same && i < name.size(); ++i) {
                same = lower(one.name[i]) == lower(name[i]);
            }
            if (same) {
                return one.value;
            }
        }
        return "";
    }
    static constexpr auto fields() {
        return field_list(field("headers", &WebhookDelivery::headers));
    }
};

// A record that may have changed. It is a hint: the host reads the record, and believes only that.
struct WebhookChange {
    std::string entity;    // canonical
    std::string id;        // as read() takes it
    bool deleted = false;  // the platform says that it is gone
    std::optional<Timestamp> changed_at = {};

    static constexpr auto fields() {
        return field_list(
            field("entity", &WebhookChange::entity),
            field("id", &WebhookChange::id),
            field("deleted", &WebhookChange::deleted),
            field("changed_at", &WebhookChange::changed_at)
        );
    }
};

// Errors of the operation: kData for a delivery that cannot be understood; a person sees it then.
struct WebhookEvent {
    std::string topic;                   // for people
    std::vector<WebhookChange> changes;  // of this connection's account only
    std::optional<Reason> ignored;       // why there are none, and that is right

    static constexpr auto fields() {
        return field_list(
            field("topic", &WebhookEvent::topic),
            field("changes", &WebhookEvent::changes),
            field("ignored", &WebhookEvent::ignored)
        );
    }
};

// ---- webhook_register: sees to it that the platform delivers ------------------------------------

// Called again and again: makes what is missing, enables what is disabled, and leaves alone what is
// as it should be. webhook_unregister takes the same and removes what delivers to `url`.
struct WebhookRegistration {
    std::string url;                    // where to
    std::vector<std::string> entities;  // canonical, of which changes are wanted
    bool new_secret = false;            // the secret changed: the platform must be told

    static constexpr auto fields() {
        return field_list(
            field("url", &WebhookRegistration::url),
            field("entities", &WebhookRegistration::entities),
            field("new_secret", &WebhookRegistration::new_secret)
        );
    }
};

enum class WebhookState { kActive, kCreated, kEnabled, kPaused };
template <>
struct EnumNames<WebhookState> {
    static constexpr std::array<std::pair<WebhookState, std::string_view>, 4> kNames{{
        {WebhookState::kActive, "active"},    // it was as it should be
        {WebhookState::kCreated, "created"},  // it was missing
        {WebhookState::kEnabled, "enabled"},  // the platform had disabled it
        {WebhookState::kPaused, "paused"},    // a person has paused it there; left alone
    }};
};

struct RegisteredWebhook {
    std::string id;
    std::string topic;
    WebhookState state = WebhookState::kActive;

    static constexpr auto fields() {
        return field_list(
            field("id", &RegisteredWebhook::id),
            field("topic", &RegisteredWebhook::topic),
            field("state", &RegisteredWebhook::state)
        );
    }
};

struct WebhookReport {
    std::vector<RegisteredWebhook> webhooks;

    static constexpr auto fields() {
        return field_list(field("webhooks", &WebhookReport::webhooks));
    }
};

}  // namespace syncline
