#include "connectors/connector_description.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include <syncline/spec_checks.hpp>

#include "connectors/abi_text.hpp"
#include "connectors/text.hpp"

namespace syncline::connectors {
namespace {

constexpr std::size_t kSpecBytesMax = 1024 * 1024;
constexpr std::uint32_t kConnectorsMax = 16;
constexpr std::size_t kTextBytesMax = 200;

Error breach(const VettedPlugin& vetted, const std::string& what) {
    return {
        ErrorCode::kBug,
        "plugin '" + vetted.file + "' broke its contract: " + what,
        "plugin.contract"};
}

std::string text_of(const char* text) {
    return text == nullptr ? "" : one_line({text, strnlen(text, kTextBytesMax)}, kTextBytesMax);
}

// "com.syncline.woocommerce"
bool is_id(const std::string& id) {
    const bool characters = std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    });
    return characters && id.find('.') != std::string::npos && id.find("..") == std::string::npos &&
           id.front() != '.' && id.back() != '.';
}

struct SpecText {
    std::string bytes;
    bool is_too_large = false;
};

syncline_status take_spec(void* self, syncline_bytes bytes) {
    auto& text = *static_cast<SpecText*>(self);
    if (text.bytes.size() + bytes.len > kSpecBytesMax) {
        text.is_too_large = true;
        return SYNCLINE_BUG;
    }
    text.bytes.append(as_text(bytes));
    return SYNCLINE_OK;
}

// What makes a spec unusable; empty if nothing does.
std::string fault_of(const Spec& spec) {
    std::set<std::string> names;
    for (const auto& setting : spec.settings) {
        if (setting.name.empty() || !names.insert(setting.name).second) {
            return "its spec has the setting '" + setting.name + "' twice or without a name";
        }
        if (setting.type == SettingType::kSecret && !setting.default_value.is_null()) {
            return "its spec gives the secret '" + setting.name + "' a default";
        }
    }
    for (const auto& name : spec.host_settings) {
        if (names.count(name) == 0) {
            return "its spec names '" + name + "' in host_settings, which is no setting";
        }
    }
    for (const auto& host : spec.hosts) {
        const std::string name = host.substr(0, 2) == "*." ? host.substr(2) : host;
        if (name.find('.') == std::string::npos ||
            name.find_first_of("*/:@ ") != std::string::npos) {
            return "its spec declares the host '" + host + "', which is not a name or *.domain";
        }
    }
    for (const auto& name : spec.webhooks.secrets) {
        if (names.count(name) == 0) {
            return "its spec names '" + name + "' in webhooks.secrets, which is no setting";
        }
    }
    const auto mistakes = syncline::detail::oauth_mistakes_of(spec);
    return mistakes.empty() ? "" : "oauth of its spec: " + mistakes.front();
}

Result<Spec> spec_of(const syncline_connector& table, const VettedPlugin& vetted) {
    SpecText text;
    const syncline_sink sink{&text, &take_spec};
    syncline_error error = empty_abi_error();
    syncline_status status = SYNCLINE_BUG;
    try {
        status = table.spec(&sink, &error);
    } catch (...) {
        return breach(vetted, "spec() let an exception out");
    }
    if (text.is_too_large) {
        return breach(vetted, "its spec is larger than 1 MiB");
    }
    if (status != SYNCLINE_OK) {
        const std::string reason = is_known_status(status) ? from_abi(status, error).message : "";
        return breach(
            vetted, "spec() answered " + std::string(status_name(status)) + ": " + reason
        );
    }
    auto json = parse_json(text.bytes);
    auto spec = json ? from_json<Spec>(*json) : Result<Spec>(json.error());
    if (!spec) {
        return breach(
            vetted, "its spec is unusable: " + one_line(spec.error().message, kTextBytesMax)
        );
    }
    if (const std::string fault = fault_of(*spec); !fault.empty()) {
        return breach(vetted, one_line(fault, kTextBytesMax));
    }
    return spec;
}

std::vector<std::string> operations_of(const syncline_connector& table) {
    std::vector<std::string> names;
#define SYNCLINE_NAME_IF_PRESENT(name)                   \
    if (SYNCLINE_OPERATION_OF(table, name) != nullptr) { \
        names.emplace_back(#name);                       \
    }
    SYNCLINE_NAME_IF_PRESENT(check)
    SYNCLINE_NAME_IF_PRESENT(discover)
    SYNCLINE_NAME_IF_PRESENT(read)
    SYNCLINE_NAME_IF_PRESENT(encode)
    SYNCLINE_NAME_IF_PRESENT(find)
    SYNCLINE_NAME_IF_PRESENT(write)
    SYNCLINE_NAME_IF_PRESENT(webhook_register)
    SYNCLINE_NAME_IF_PRESENT(webhook_unregister)
    SYNCLINE_NAME_IF_PRESENT(webhook_verify)
    SYNCLINE_NAME_IF_PRESENT(webhook_parse)
    SYNCLINE_NAME_IF_PRESENT(oauth_authorize)
    SYNCLINE_NAME_IF_PRESENT(oauth_exchange)
    SYNCLINE_NAME_IF_PRESENT(oauth_refresh)
    SYNCLINE_NAME_IF_PRESENT(oauth_revoke)
    SYNCLINE_NAME_IF_PRESENT(cdc_poll)
    SYNCLINE_NAME_IF_PRESENT(cdc_ack)
#undef SYNCLINE_NAME_IF_PRESENT
    return names;
}

Result<DescribedConnector> describe(
    const syncline_connector* table, const syncline_plugin& plugin, const VettedPlugin& vetted
) {
    const bool complete = table != nullptr && SYNCLINE_CAN(table, spec) &&
                          SYNCLINE_CAN(table, create) && SYNCLINE_CAN(table, destroy);
    if (!complete) {
        return breach(vetted, "a connector has no spec(), create() or destroy()");
    }
    DescribedConnector described;
    described.table = table;
    ConnectorInfo& info = described.info;
    info.id = text_of(table->id);
    if (!is_id(info.id)) {
        return breach(vetted, "the id '" + info.id + "' is not like com.example.shop");
    }
    info.platform = info.id.substr(info.id.rfind('.') + 1);
    info.version = text_of(table->version);
    info.vendor = text_of(plugin.vendor);
    info.license = text_of(plugin.license);
    info.toolchain = text_of(plugin.toolchain);
    info.file = vetted.file;
    info.sha256 = vetted.sha256;
    SYNCLINE_ASSIGN_OR_RETURN(info.spec, spec_of(*table, vetted));
    info.operations = operations_of(*table);
    return described;
}

}  // namespace

Result<std::vector<DescribedConnector>> describe_connectors(
    const syncline_plugin& plugin, const VettedPlugin& vetted
) {
    const std::uint32_t count = plugin.connector_count;
    if (count == 0 || count > kConnectorsMax || plugin.connectors == nullptr) {
        return breach(vetted, "it has " + std::to_string(count) + " connectors");
    }
    std::vector<DescribedConnector> result;
    for (std::uint32_t i = 0; i < count; ++i) {
        SYNCLINE_ASSIGN_OR_RETURN(auto described, describe(plugin.connectors[i], plugin, vetted));
        result.push_back(std::move(described));
    }
    return result;
}

}  // namespace syncline::connectors
