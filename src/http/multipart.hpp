// multipart/form-data (RFC 7578), parsed in place.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include <npu/result.hpp>

namespace npu::http {

struct Request;

struct Part {
  std::string_view name;
  std::optional<std::string_view> filename;
  std::string_view content_type;  // "" if the part states none
  std::string_view data;
};

struct MultipartLimits {
  std::size_t max_parts = 64;
  std::size_t max_part_header_bytes = 4096;
};

class Multipart {
 public:
  // content_type: the request's field, which names the boundary. All parts are views into body,
  // which must outlive them.
  // Fails with kMalformed: no or a bad boundary, a part without a name, a broken or truncated body;
  // with kTooLarge: over a limit. A second part of the same name is kept: find() returns the first.
  static Result<Multipart> parse(std::string_view content_type, std::string_view body,
                                 MultipartLimits limits = {});
  // Of the request's body, which must outlive it.
  static Result<Multipart> of(const Request& request);

  const Part* find(std::string_view name) const;
  const std::vector<Part>& parts() const { return parts_; }

 private:
  std::vector<Part> parts_;
};

}  // namespace npu::http
