// The picture and the options in a request to /v1/depth/estimate.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <npu/result.hpp>

#include "http/request.hpp"
#include "services/depth/estimate_options.hpp"

namespace npu::depth {

struct UploadLimits {
  std::size_t max_image_mb = 50;
  bool allow_image_url = false;
};

struct Upload {
  EstimateOptions options;
  std::string url;                   // where the picture is to be fetched from; "": it is here
  std::vector<std::byte> decoded;    // storage of a picture that came as base64
  std::span<const std::byte> image;  // encoded; into `decoded` or into the request's body

  Upload() = default;
  Upload(Upload&&) noexcept = default;
  Upload& operator=(Upload&&) noexcept = default;
};

// multipart/form-data or application/json. Takes time with large bodies. request must outlive the
// result. Fails with kUnsupportedMediaType, kInvalidArgument, kMalformed, kTooLarge.
Result<Upload> parse_upload(const http::Request& request, const EstimateOptions& defaults,
                            const UploadLimits& limits);

// kTooLarge ("Image exceeds 50MB limit") or nothing.
Status check_image_size(std::size_t bytes, const UploadLimits& limits);

}  // namespace npu::depth
