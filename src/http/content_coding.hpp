// Compressed request bodies: Content-Encoding gzip and deflate.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "http/body.hpp"
#include "http/headers.hpp"

namespace npu::http {

class BodySpool;

// What an Accept-Encoding field of a response says of requests (RFC 9110, 12.5.3).
inline constexpr std::string_view kAcceptedCodings = "gzip, deflate";

enum class Coding { kIdentity, kGzip, kDeflate };

// Fails with kUnsupportedMediaType, naming the coding, where it is another one or more than one.
Result<Coding> content_coding(const Headers& headers);

// The body as it was before it was compressed. deflate: with the header of zlib or, as some clients
// send it, without. gzip: one member or several.
// Fails with kMalformed, with kTooLarge as soon as there is more than `limit` bytes of it, no more
// than these are ever held, and as the spool does.
//   spool    takes what is too large for memory; nullptr: nothing is. Blocks.
Result<Body> inflate_body(Coding coding, std::string_view body, std::size_t limit,
                          const BodySpool* spool = nullptr);

}  // namespace npu::http
