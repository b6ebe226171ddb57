#include "http/multipart.hpp"

#include <algorithm>
#include <string>

#include <fmt/format.h>

#include "http/headers.hpp"
#include "http/media_type.hpp"
#include "http/request.hpp"

namespace npu::http {
namespace {

constexpr std::string_view kLineEnd = "\r\n";

tl::unexpected<Error> malformed(std::string_view what) {
  return fail(ErrorCode::kMalformed, fmt::format("the multipart body is broken: {}", what));
}

// RFC 2046 allows 70 letters, digits and a few signs; clients use others and longer ones.
constexpr std::size_t kLongestBoundary = 256;

enum class After { kPart, kEnd, kNoDelimiter };

// Decides what text that follows "--boundary" is, and consumes it.
After read_delimiter_end(std::string_view& text) {
  if (text.starts_with("--")) return After::kEnd;
  const auto blank = std::min(text.find_first_not_of(" \t"), text.size());
  if (!text.substr(blank).starts_with(kLineEnd)) return After::kNoDelimiter;
  text.remove_prefix(blank + kLineEnd.size());
  return After::kPart;
}

Result<Part> parse_headers(std::string_view block) {
  Part part;
  bool named = false;
  while (!block.empty()) {
    const auto end = std::min(block.find(kLineEnd), block.size());
    const auto line = block.substr(0, end);
    block.remove_prefix(std::min(end + kLineEnd.size(), block.size()));
    const auto colon = line.find(':');
    if (colon == std::string_view::npos)
      return malformed("a part's header has a line without a colon");
    const auto field = trim(line.substr(0, colon));
    const auto value = trim(line.substr(colon + 1));
    if (equals_ignoring_case(field, "Content-Disposition")) {
      const auto name = parameter(value, "name");
      if (!equals_ignoring_case(main_value(value), "form-data") || !name) {
        return malformed("a part has no name");
      }
      part.name = *name;
      part.filename = parameter(value, "filename");
      named = true;
    } else if (equals_ignoring_case(field, "Content-Type")) {
      part.content_type = value;
    } else if (equals_ignoring_case(field, "Content-Transfer-Encoding") &&
               !equals_ignoring_case(value, "binary") && !equals_ignoring_case(value, "8bit") &&
               !equals_ignoring_case(value, "7bit")) {
      return malformed("parts must not be transfer-encoded");
    }
  }
  if (!named) return malformed("a part has no name");
  return part;
}

}  // namespace

Result<Multipart> Multipart::of(const Request& request) {
  return parse(request.headers.get("Content-Type").value_or(""), request.body);
}

Result<Multipart> Multipart::parse(std::string_view content_type, std::string_view body,
                                   MultipartLimits limits) {
  const auto given = parameter(content_type, "boundary");
  if (!given || given->empty()) return malformed("the content type names no boundary");
  const std::string boundary = unescaped(*given);
  if (boundary.size() > kLongestBoundary) {
    return malformed(fmt::format("its boundary has more than {} characters", kLongestBoundary));
  }
  const std::string delimiter = fmt::format("\r\n--{}", boundary);
  const std::string_view opening = std::string_view(delimiter).substr(kLineEnd.size());

  std::string_view rest = body;
  if (rest.starts_with(opening)) {
    rest.remove_prefix(opening.size());
  } else {
    const auto begin = rest.find(delimiter);
    if (begin == std::string_view::npos) return malformed("it does not contain its boundary");
    rest.remove_prefix(begin + delimiter.size());
  }

  Multipart out;
  for (;;) {
    const After after = read_delimiter_end(rest);
    if (after == After::kEnd) return out;
    if (after == After::kNoDelimiter) return malformed("a boundary is not followed by a line end");
    if (out.parts_.size() == limits.max_parts) {
      return fail(ErrorCode::kTooLarge,
                  fmt::format("a multipart body may have at most {} parts", limits.max_parts));
    }
    std::string_view header;
    if (rest.starts_with(kLineEnd)) {
      rest.remove_prefix(kLineEnd.size());
    } else {
      const auto window = rest.substr(0, limits.max_part_header_bytes + 4);
      const auto end = window.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (window.size() == rest.size()) return malformed("it is truncated in a part's header");
        return fail(ErrorCode::kTooLarge, fmt::format("a part's header may have at most {} bytes",
                                                      limits.max_part_header_bytes));
      }
      header = rest.substr(0, end);
      rest.remove_prefix(end + 4);
    }
    auto part = parse_headers(header);
    if (!part) return fail(part.error());

    std::size_t end = 0;
    for (std::size_t from = 0;; from = end + kLineEnd.size()) {
      end = rest.find(delimiter, from);
      if (end == std::string_view::npos) return malformed("it is truncated");
      auto tail = rest.substr(end + delimiter.size());
      if (read_delimiter_end(tail) != After::kNoDelimiter) break;
    }
    part->data = rest.substr(0, end);
    rest.remove_prefix(end + delimiter.size());
    out.parts_.push_back(*part);
  }
}

const Part* Multipart::find(std::string_view name) const {
  const auto found = std::ranges::find(parts_, name, &Part::name);
  return found == parts_.end() ? nullptr : &*found;
}

}  // namespace npu::http
