// The stores of alerts, over the same database as all others.
#pragma once

#include "engine/stores.hpp"
#include "storage/alert_causes.hpp"
#include "storage/alert_channel_store.hpp"
#include "storage/alert_store.hpp"

namespace syncline::engine {

struct AlertStores {
    explicit AlertStores(Stores& others)
        : stores(others),
          causes(others.database),
          alerts(others.database),
          channels(others.database) {}

    Stores& stores;
    storage::AlertCauses causes;
    storage::AlertStore alerts;
    storage::AlertChannelStore channels;
};

}  // namespace syncline::engine
