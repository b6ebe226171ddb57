// The picture in a request, and the options beside it: multipart/form-data with a field `image`, or
// JSON with `image` (base64, also as a data URI) or, where that is allowed, `image_url`.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include <npu/result.hpp>

#include "http/request.hpp"
#include "services/kit/options.hpp"
#include "services/kit/picture_rules.hpp"

namespace npu::kit {

struct PictureUpload {
  std::string url;  // where the picture is to be fetched from; "": it is here
  std::unique_ptr<const std::string> fetched;  // storage of one that was fetched
  std::span<const std::byte> image;            // encoded; into these or into the request's body
  bool auto_orient = true;                     // the field of that name, else the rules'
  bool annotated = false;                      // the field of that name: a picture is wanted

  PictureUpload() = default;
  PictureUpload(PictureUpload&&) noexcept = default;
  PictureUpload& operator=(PictureUpload&&) noexcept = default;
};

// For routes where what is no form is JSON, whatever it calls itself: curl -d and many HTTP
// libraries do not say so.
void take_as_json(http::Request& request);

// Reads the options beside the picture. What it fails with, the request fails with.
using ReadOptions = std::function<Status(Fields& fields)>;

// Takes time with large bodies. request must outlive the result; its body is used up where it is
// JSON: the picture in base64 is decoded over it. Fails with kUnsupportedMediaType,
// kInvalidArgument, kMalformed, kTooLarge.
Result<PictureUpload> parse_upload(http::Request& request, const PictureRules& rules,
                                   const ReadOptions& read_options = {});

// kTooLarge ("Image exceeds 50MB limit") or nothing.
Status check_image_size(std::size_t bytes, const PictureRules& rules);

}  // namespace npu::kit
