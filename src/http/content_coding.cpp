#include "http/content_coding.hpp"

#include <algorithm>
#include <memory>
#include <optional>

#include <fmt/format.h>
#include <zlib.h>

#include "http/body_spool.hpp"

namespace npu::http {
namespace {

constexpr int kRawWindow = -MAX_WBITS;
constexpr int kGzipWindow = MAX_WBITS + 16;
constexpr std::size_t kFirstStep = 64 << 10;

std::optional<Coding> known_coding(std::string_view name) {
  if (equals_ignoring_case(name, "gzip") || equals_ignoring_case(name, "x-gzip")) {
    return Coding::kGzip;
  }
  if (equals_ignoring_case(name, "deflate")) return Coding::kDeflate;
  return std::nullopt;
}

// RFC 1950, 2.2: deflate with a window of at most 32 KiB, and a checksum over both bytes.
bool has_zlib_header(std::string_view body) {
  if (body.size() < 2) return false;
  const unsigned first = static_cast<unsigned char>(body[0]);
  const unsigned second = static_cast<unsigned char>(body[1]);
  return (first & 0x0f) == 8 && (first >> 4) <= 7 && (first * 256 + second) % 31 == 0;
}

class Inflater {
 public:
  Inflater(Coding coding, std::string_view body, std::size_t limit)
      : coding_(coding), limit_(limit) {
    const int window = coding == Coding::kGzip ? kGzipWindow
                       : has_zlib_header(body) ? MAX_WBITS
                                               : kRawWindow;
    ready_ = ::inflateInit2(&stream_, window) == Z_OK;
    // zlib does not write to it.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(body.data()));
    stream_.avail_in = static_cast<uInt>(body.size());
  }
  ~Inflater() {
    if (ready_) ::inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Result<Body> run(const BodySpool* spool) {
    if (!ready_) return fail(ErrorCode::kOverloaded, "not enough memory for this request");
    BodyFile file;
    std::string out;
    std::size_t size = 0;
    for (bool more = true; more;) {
      // One byte over the limit, so that a body of just the limit ends within it.
      const std::size_t room = std::min(std::max(kFirstStep, 2 * size), limit_ + 1 - file.size());
      out.resize(room);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + size);
      stream_.avail_out = static_cast<uInt>(room - size);
      const int result = ::inflate(&stream_, Z_NO_FLUSH);
      size = room - stream_.avail_out;
      if (file.size() + size > limit_) {
        return fail(
            ErrorCode::kTooLarge,
            fmt::format("the request body may have at most {} bytes when it is inflated", limit_));
      }
      if (result == Z_STREAM_END) {
        more = stream_.avail_in > 0;
        if (more && (coding_ != Coding::kGzip || ::inflateReset(&stream_) != Z_OK)) return broken();
      } else if (result == Z_BUF_ERROR || (result == Z_OK && stream_.avail_out > 0)) {
        return fail(ErrorCode::kMalformed, "the compressed request body is truncated");
      } else if (result != Z_OK) {
        return broken();
      }
      const bool spills = spool != nullptr && (size > spool->over() || file.size() > 0);
      if (spills && (size > spool->over() || !more)) {
        const std::string_view piece(out.data(), size);
        if (const Status written = file.append(*spool, piece); !written) {
          return fail(written.error());
        }
        size = 0;
      }
    }
    if (file.size() > 0) return file.finish();
    out.resize(size);
    return Body(std::move(out));
  }

 private:
  tl::unexpected<Error> broken() const {
    return fail(ErrorCode::kMalformed, fmt::format("the request body is not valid {}",
                                                   coding_ == Coding::kGzip ? "gzip" : "deflate"));
  }

  Coding coding_;
  std::size_t limit_;
  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

Result<Coding> content_coding(const Headers& headers) {
  Coding coding = Coding::kIdentity;
  for (const auto& [field, value] : headers) {
    if (!equals_ignoring_case(field, "Content-Encoding")) continue;
    std::string_view rest = value;
    for (bool more = true; more;) {
      const auto comma = rest.find(',');
      const auto name = trim(rest.substr(0, comma));
      more = comma != std::string_view::npos;
      if (more) rest.remove_prefix(comma + 1);
      if (name.empty() || equals_ignoring_case(name, "identity")) continue;
      const auto known = known_coding(name);
      if (!known || coding != Coding::kIdentity) {
        return fail(ErrorCode::kUnsupportedMediaType,
                    fmt::format("Content-Encoding {} is not supported; use one of {} or none",
                                value, kAcceptedCodings));
      }
      coding = *known;
    }
  }
  return coding;
}

Result<Body> inflate_body(Coding coding, std::string_view body, std::size_t limit,
                          const BodySpool* spool) {
  if (coding == Coding::kIdentity) return Body(std::string(body));
  return Inflater(coding, body, limit).run(spool);
}

}  // namespace npu::http
