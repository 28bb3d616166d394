// What a connector says about itself: its settings (the one source of parsing, JSON Schema and
// documentation), how it authenticates, where it may connect to, what it can take.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <syncline/json_fields.hpp>

namespace syncline {

enum class SettingType { kString, kInteger, kBoolean, kUrl, kObject, kSecret };
template <>
struct EnumNames<SettingType> {
    static constexpr std::array<std::pair<SettingType, std::string_view>, 6> kNames{{
        {SettingType::kString, "string"},
        {SettingType::kInteger, "integer"},
        {SettingType::kBoolean, "boolean"},
        {SettingType::kUrl, "url"},
        {SettingType::kObject, "object"},
        {SettingType::kSecret, "secret"},
    }};
};

struct Setting {
    std::string name;
    SettingType type = SettingType::kString;
    std::string help;  // one sentence
    bool required = false;
    Json default_value;  // null: none
    std::optional<std::int64_t> min;
    std::optional<std::int64_t> max;
    std::vector<std::string> choices;  // of a string; empty: any

    static constexpr auto fields() {
        return field_list(
            field("name", &Setting::name),
            field("type", &Setting::type),
            field("help", &Setting::help),
            field("required", &Setting::required),
            field("default", &Setting::default_value),
            field("min", &Setting::min),
            field("max", &Setting::max),
            field("choices", &Setting::choices)
        );
    }
};

enum class AuthKind { kNone, kKey, kOAuth2 };
template <>
struct EnumNames<AuthKind> {
    static constexpr std::array<std::pair<AuthKind, std::string_view>, 3> kNames{{
        {AuthKind::kNone, "none"},
        {AuthKind::kKey, "key"},
        {AuthKind::kOAuth2, "oauth2"},
    }};
};

// How a repeated write is kept from happening twice.
//   kRequestId   the platform replays its answer for a known idempotency key
//   kNaturalKey  writes are upserts on a unique key; repeating one changes nothing
//   kNone        neither: after an unknown outcome only find() can tell
enum class WriteSafety { kRequestId, kNaturalKey, kNone };
template <>
struct EnumNames<WriteSafety> {
    static constexpr std::array<std::pair<WriteSafety, std::string_view>, 3> kNames{{
        {WriteSafety::kRequestId, "request_id"},
        {WriteSafety::kNaturalKey, "natural_key"},
        {WriteSafety::kNone, "none"},
    }};
};

struct Limits {
    std::int64_t read_page_max = 100;    // records
    std::int64_t write_batch_max = 100;  // items
    std::int64_t find_batch_max = 100;   // keys
    std::int64_t in_flight_max = 4;      // calls at once per connection
    std::int64_t requests_per_minute = 300;
    std::int64_t batches_per_minute = 0;  // 0: no limit of their own
    std::string batch_path;               // a request whose path ends with it is a batch: "/batch"
    std::int64_t reads_per_month = 0;     // that the platform grants an app; 0: it does not count
    // How far a window reaches back before the cursor, for changes that become visible late.
    std::int64_t read_overlap_s = 600;
    // The same around a change of the clocks of the account's time zone (the fact "time_zone"), for
    // sources that note times wrongly then; 0: no other.
    std::int64_t read_overlap_clock_change_s = 0;

    static constexpr auto fields() {
        return field_list(
            field("read_page_max", &Limits::read_page_max),
            field("write_batch_max", &Limits::write_batch_max),
            field("find_batch_max", &Limits::find_batch_max),
            field("in_flight_max", &Limits::in_flight_max),
            field("requests_per_minute", &Limits::requests_per_minute),
            field("batches_per_minute", &Limits::batches_per_minute),
            field("batch_path", &Limits::batch_path),
            field("reads_per_month", &Limits::reads_per_month),
            field("read_overlap_s", &Limits::read_overlap_s),
            field("read_overlap_clock_change_s", &Limits::read_overlap_clock_change_s)
        );
    }
};

// What shows that a webhook's delivery comes from the platform.
//   kHmac    a header holds a keyed hash of the body's bytes
//   kSecret  a header holds the secret itself
enum class WebhookProof { kNone, kHmac, kSecret };
template <>
struct EnumNames<WebhookProof> {
    static constexpr std::array<std::pair<WebhookProof, std::string_view>, 3> kNames{{
        {WebhookProof::kNone, "none"},
        {WebhookProof::kHmac, "hmac"},
        {WebhookProof::kSecret, "secret"},
    }};
};

enum class WebhookHash { kSha1, kSha256, kSha512 };
template <>
struct EnumNames<WebhookHash> {
    static constexpr std::array<std::pair<WebhookHash, std::string_view>, 3> kNames{{
        {WebhookHash::kSha1, "sha1"},
        {WebhookHash::kSha256, "sha256"},
        {WebhookHash::kSha512, "sha512"},
    }};
};

enum class WebhookEncoding { kBase64, kHex };
template <>
struct EnumNames<WebhookEncoding> {
    static constexpr std::array<std::pair<WebhookEncoding, std::string_view>, 2> kNames{{
        {WebhookEncoding::kBase64, "base64"},
        {WebhookEncoding::kHex, "hex"},
    }};
};

// How the platform's deliveries are verified and told apart. The host does both before it answers,
// without the connector; webhook_parse() says later what a delivery means.
struct WebhookSpec {
    WebhookProof proof = WebhookProof::kNone;  // kNone: the platform sends none
    std::string proof_header;                  // "X-WC-Webhook-Signature"
    std::string proof_prefix;                  // stands before the proof: "sha256=", "Bearer "
    WebhookHash hash = WebhookHash::kSha256;
    WebhookEncoding encoding = WebhookEncoding::kBase64;
    // Secret settings, each of which proves a delivery: the one in use, then the former one.
    std::vector<std::string> secrets;
    bool secret_entities = false;  // the platform resolves HTML entities in it before it signs
    // Which account a delivery is about, when its address does not say which connection: a header,
    // or places in the body ("/events/*/account"), equal to a setting. URLs are compared without
    // scheme, "www." and final slash.
    std::string source_header;
    std::vector<std::string> source_paths;
    std::string source_setting;
    std::string topic_header;    // for people
    std::string webhook_header;  // with the delivery's id and the body it tells repetitions
    std::string delivery_header;
    bool repeats_are_news = false;  // an equal delivery may announce another change
    std::string ping_body;          // a body that begins so is an unsigned test of the address
    // Ask for changes when nothing was delivered for so long, and anyway so often; 0: never.
    std::int64_t silence_max_s = 0;
    std::int64_t catch_up_s = 0;

    static constexpr auto fields() {
        return field_list(
            field("proof", &WebhookSpec::proof),
            field("proof_header", &WebhookSpec::proof_header),
            field("proof_prefix", &WebhookSpec::proof_prefix),
            field("hash", &WebhookSpec::hash),
            field("encoding", &WebhookSpec::encoding),
            field("secrets", &WebhookSpec::secrets),
            field("secret_entities", &WebhookSpec::secret_entities),
            field("source_header", &WebhookSpec::source_header),
            field("source_paths", &WebhookSpec::source_paths),
            field("source_setting", &WebhookSpec::source_setting),
            field("topic_header", &WebhookSpec::topic_header),
            field("webhook_header", &WebhookSpec::webhook_header),
            field("delivery_header", &WebhookSpec::delivery_header),
            field("repeats_are_news", &WebhookSpec::repeats_are_news),
            field("ping_body", &WebhookSpec::ping_body),
            field("silence_max_s", &WebhookSpec::silence_max_s),
            field("catch_up_s", &WebhookSpec::catch_up_s)
        );
    }
};

// How a person connects an account in a browser, when auth is kOAuth2 (RFC 6749, code grant). The
// host shows the page, trades the code for tokens and revokes them, without the connector;
// oauth_refresh() trades refresh tokens. The connector has the settings client_id, client_secret
// (secret) and refresh_token (secret).
struct OAuthSpec {
    // A url setting of the same name takes the place of each. Without an authorize_url nobody can
    // connect in a browser; without a revoke_url nothing is revoked.
    std::string authorize_url;
    std::string token_url;
    std::string revoke_url;
    std::vector<std::string> scopes;
    bool pkce = false;               // the platform takes a code challenge (RFC 7636, S256)
    bool client_in_form = false;     // client id and secret go in the form; else in Basic
    bool revoke_takes_json = false;  // {"token": ...}; else a form (RFC 7009)
    // Which account the person chose: the parameter of the redirect that says it, and the setting
    // that keeps it. Empty: the tokens alone say it.
    std::string account_parameter;
    std::string account_setting;
    // Headers ("name: value") of requests for tokens.
    std::vector<std::string> token_headers;
    // Members of the answer with the seconds that a refresh token lives if it is not used, and that
    // the whole grant lives however it is used; empty: the platform does not tell.
    std::string refresh_expires_member;
    std::string hard_expires_member;

    static constexpr auto fields() {
        return field_list(
            field("authorize_url", &OAuthSpec::authorize_url),
            field("token_url", &OAuthSpec::token_url),
            field("revoke_url", &OAuthSpec::revoke_url),
            field("scopes", &OAuthSpec::scopes),
            field("pkce", &OAuthSpec::pkce),
            field("client_in_form", &OAuthSpec::client_in_form),
            field("revoke_takes_json", &OAuthSpec::revoke_takes_json),
            field("account_parameter", &OAuthSpec::account_parameter),
            field("account_setting", &OAuthSpec::account_setting),
            field("token_headers", &OAuthSpec::token_headers),
            field("refresh_expires_member", &OAuthSpec::refresh_expires_member),
            field("hard_expires_member", &OAuthSpec::hard_expires_member)
        );
    }
};

struct Spec {
    std::string title;    // "WooCommerce"
    std::string summary;  // one sentence
    std::vector<Setting> settings;
    AuthKind auth = AuthKind::kNone;
    std::vector<std::string>
        hosts;  // it may connect to: "quickbooks.api.intuit.com", "*.intuit.com"
    std::vector<std::string> host_settings;  // settings whose URL's host it may connect to
    WriteSafety write_safety = WriteSafety::kNone;
    Limits limits;
    // Entities of which the platform cannot tell what changed, so that every read is of all of
    // them; schedules read them once a night.
    std::vector<std::string> swept;
    WebhookSpec webhooks = {};
    OAuthSpec oauth = {};

    static constexpr auto fields() {
        return field_list(
            field("title", &Spec::title),
            field("summary", &Spec::summary),
            field("settings", &Spec::settings),
            field("auth", &Spec::auth),
            field("hosts", &Spec::hosts),
            field("host_settings", &Spec::host_settings),
            field("write_safety", &Spec::write_safety),
            field("limits", &Spec::limits),
            field("swept", &Spec::swept),
            field("webhooks", &Spec::webhooks),
            field("oauth", &Spec::oauth)
        );
    }
};

}  // namespace syncline
