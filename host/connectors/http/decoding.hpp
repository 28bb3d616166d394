// Collects the body of an answer: decompresses it as it comes, and keeps it within its limits.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include <syncline/result.hpp>

#include "connectors/http/options.hpp"

namespace syncline::connectors {

class BodyDecoder {
public:
    // `coding` is the Content-Encoding header's value; "" or "identity": none. Errors: kTransient
    // "http.coding" for one that was not asked for.
    static Result<BodyDecoder> make(std::string_view coding, const HttpLimits& limits);
    BodyDecoder(BodyDecoder&&) noexcept;
    BodyDecoder& operator=(BodyDecoder&&) noexcept;
    ~BodyDecoder();

    // Errors: kTransient "http.too_large", "http.coding" (damaged, or grows like a bomb).
    Result<void> append(std::string_view bytes);
    // The whole body. Errors: kTransient "http.coding" if the compressed data is cut off.
    Result<std::string> finish();

    bool is_compressed() const { return inflater_ != nullptr; }

private:
    struct Inflater;
    BodyDecoder(std::unique_ptr<Inflater> inflater, const HttpLimits& limits);
    Result<void> inflate_some(std::string_view bytes);
    Result<void> inflate_undecided(std::string_view bytes);
    Result<void> check_growth() const;

    std::unique_ptr<Inflater> inflater_;
    HttpLimits limits_;
    std::string body_;
    std::size_t received_ = 0;
};

}  // namespace syncline::connectors
