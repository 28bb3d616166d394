#include "connectors/http/decoding.hpp"

#include <array>

#include <zlib.h>

#include "connectors/http/message.hpp"

namespace syncline::connectors {
namespace {

constexpr std::size_t kMiB = 1024 * 1024;
constexpr int kGzipOrZlib = 15 + 32;
constexpr int kRawDeflate = -15;
constexpr unsigned char kGzipMagic = 0x1F;

Error coding_error(const std::string& why) {
    return {ErrorCode::kTransient, "the answer's compressed body " + why, "http.coding"};
}

}  // namespace

struct BodyDecoder::Inflater {
    explicit Inflater(bool is_deflate) : is_undecided(is_deflate) { start(kGzipOrZlib); }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream); }

    void start(int window) {
        inflateEnd(&stream);
        stream = {};
        inflateInit2(&stream, window);
        ended = false;
    }

    z_stream stream{};
    bool ended = false;   // at the end of a gzip member
    bool is_undecided;    // "deflate" means zlib, but some servers send raw deflate
    std::string pending;  // the first bytes, while undecided
};

BodyDecoder::BodyDecoder(std::unique_ptr<Inflater> inflater, const HttpLimits& limits)
    : inflater_(std::move(inflater)), limits_(limits) {}
BodyDecoder::BodyDecoder(BodyDecoder&&) noexcept = default;
BodyDecoder& BodyDecoder::operator=(BodyDecoder&&) noexcept = default;
BodyDecoder::~BodyDecoder() = default;

Result<BodyDecoder> BodyDecoder::make(std::string_view coding, const HttpLimits& limits) {
    if (coding.empty() || same_name(coding, "identity")) {
        return BodyDecoder(nullptr, limits);
    }
    const bool is_deflate = same_name(coding, "deflate");
    if (!is_deflate && !same_name(coding, "gzip") && !same_name(coding, "x-gzip")) {
        return coding_error("has a coding that was not asked for");
    }
    return BodyDecoder(std::make_unique<Inflater>(is_deflate), limits);
}

Result<void> BodyDecoder::append(std::string_view bytes) {
    received_ += bytes.size();
    if (received_ > limits_.body_bytes) {
        return Error{
            ErrorCode::kTransient,
            "the answer is larger than " + std::to_string(limits_.body_bytes) + " bytes",
            "http.too_large"};
    }
    if (inflater_) {
        return inflater_->is_undecided ? inflate_undecided(bytes) : inflate_some(bytes);
    }
    body_.append(bytes);
    return {};
}

Result<void> BodyDecoder::check_growth() const {
    const bool bomb = body_.size() > kMiB && body_.size() / limits_.inflate_ratio_max > received_;
    if (bomb || body_.size() > limits_.body_bytes) {
        return coding_error(
            "grows from " + std::to_string(received_) + " to over " + std::to_string(body_.size()) +
            " bytes; it was not read further"
        );
    }
    return {};
}

Result<void> BodyDecoder::inflate_undecided(std::string_view bytes) {
    inflater_->pending.append(bytes);
    const std::string& pending = inflater_->pending;
    if (pending.size() < 2) {
        return {};
    }
    const auto first = static_cast<unsigned char>(pending[0]);
    const auto second = static_cast<unsigned char>(pending[1]);
    const bool is_zlib = (first & 0x0FU) == Z_DEFLATED && (first * 256U + second) % 31U == 0;
    inflater_->start(is_zlib ? kGzipOrZlib : kRawDeflate);
    inflater_->is_undecided = false;
    return inflate_some(pending);
}

Result<void> BodyDecoder::inflate_some(std::string_view bytes) {
    z_stream& stream = inflater_->stream;
    std::array<char, 32 * 1024> buffer{};
    const auto give = [&] {
        stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
        stream.avail_in = static_cast<uInt>(bytes.size());
        stream.avail_out = 0;
    };
    give();
    while (stream.avail_in > 0 || (stream.avail_out == 0 && !inflater_->ended)) {
        if (inflater_->ended) {
            bytes.remove_prefix(bytes.size() - stream.avail_in);
            if (static_cast<unsigned char>(bytes.front()) != kGzipMagic) {
                return {};  // padding behind the last member
            }
            inflater_->start(kGzipOrZlib);
            give();
        }
        stream.next_out = reinterpret_cast<Bytef*>(buffer.data());
        stream.avail_out = static_cast<uInt>(buffer.size());
        const int state = inflate(&stream, Z_NO_FLUSH);
        if (state == Z_BUF_ERROR) {
            return {};  // all that there is has been taken
        }
        if (state != Z_OK && state != Z_STREAM_END) {
            return coding_error("is damaged");
        }
        inflater_->ended = state == Z_STREAM_END;
        body_.append(buffer.data(), buffer.size() - stream.avail_out);
        SYNCLINE_RETURN_IF_ERROR(check_growth());
    }
    return {};
}

Result<std::string> BodyDecoder::finish() {
    if (inflater_ && received_ > 0 && !inflater_->ended) {
        return coding_error("is cut off");
    }
    return std::move(body_);
}

}  // namespace syncline::connectors
