// A bounded number of places, in all and per tenant, so that requests that take long cannot take
// every thread, and one tenant cannot take every place.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "core/guarded.hpp"
#include "core/ids.hpp"

namespace syncline::api {

class Slots {
public:
    Slots(std::int64_t total, std::int64_t per_tenant) : total_(total), per_tenant_(per_tenant) {}

    // A place that is taken; given back when destroyed. The Slots outlive it.
    class Taken {
    public:
        Taken(Slots& slots, TenantId tenant) : slots_(&slots), tenant_(tenant) {}
        Taken(Taken&& other) noexcept : slots_(other.slots_), tenant_(other.tenant_) {
            other.slots_ = nullptr;
        }
        Taken(const Taken&) = delete;
        Taken& operator=(const Taken&) = delete;
        Taken& operator=(Taken&&) = delete;
        ~Taken() {
            if (slots_ != nullptr) {
                slots_->give_back(tenant_);
            }
        }

    private:
        Slots* slots_;
        TenantId tenant_;
    };

    // Nothing when there is no place; never waits. [any thread]
    std::optional<Taken> take(TenantId tenant) {
        const bool free = places_.with([&](Places& places) {
            std::int64_t& of_tenant = places.by_tenant[tenant];
            if (places.taken >= total_ || of_tenant >= per_tenant_) {
                return false;
            }
            ++places.taken;
            ++of_tenant;
            return true;
        });
        return free ? std::optional<Taken>(std::in_place, *this, tenant) : std::nullopt;
    }

private:
    struct Places {
        std::int64_t taken = 0;
        std::map<TenantId, std::int64_t> by_tenant;
    };
    void give_back(TenantId tenant) {
        places_.with([&](Places& places) {
            --places.taken;
            if (--places.by_tenant[tenant] == 0) {
                places.by_tenant.erase(tenant);
            }
        });
    }

    const std::int64_t total_;
    const std::int64_t per_tenant_;
    Guarded<Places> places_;
};

}  // namespace syncline::api
