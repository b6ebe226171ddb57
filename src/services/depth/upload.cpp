#include "services/depth/upload.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/json_body.hpp"
#include "http/multipart.hpp"
#include "tensor/base64.hpp"

namespace npu::depth {
namespace json = boost::json;
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

tl::unexpected<Error> missing(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("Missing {} field", what));
}

Result<Upload> parse_form(const http::Request& request, Upload upload) {
  const auto form =
      http::Multipart::parse(request.headers.get("Content-Type").value_or(""), request.body);
  if (!form) return fail(form.error());
  Status status;
  if (const auto* part = form->find("output_format"))
    status = set_format(upload.options, part->data);
  const auto* colormap = form->find("colormap");
  if (status && colormap != nullptr) status = set_colormap(upload.options, colormap->data);
  const auto* representation = form->find("representation");
  if (status && representation != nullptr) {
    status = set_representation(upload.options, representation->data);
  }
  if (!status) return fail(status.error());
  if (const auto* part = form->find("normalize")) {
    set_normalize(upload.options, json::value(json::string_view(part->data)));
  }
  if (const auto* part = form->find("auto_orient")) {
    set_auto_orient(upload.options, json::value(json::string_view(part->data)));
  }
  const auto* image = form->find("image");
  if (image == nullptr || image->data.empty()) return missing("'image'");
  upload.image = std::as_bytes(std::span(image->data));
  return upload;
}

// Base64, with or without line breaks, after "data:...," if it begins so.
Status decode_image_text(std::string_view text, Upload& upload) {
  if (text.starts_with("data:")) {
    const auto comma = text.find(',');
    if (comma == std::string_view::npos) {
      return fail(ErrorCode::kInvalidArgument, "'image' is a data URL without a comma");
    }
    text.remove_prefix(comma + 1);
  }
  std::string joined;
  if (text.find_first_of(kBlanks) != std::string_view::npos) {
    joined = text;
    std::erase_if(joined, [](char c) { return kBlanks.find(c) != std::string_view::npos; });
    text = joined;
  }
  if (text.empty()) return fail(ErrorCode::kInvalidArgument, "'image' is empty");
  const auto wrong = [](const Error& error) {
    return fail(error.code, "'image' is not valid base64: " + error.message);
  };
  const auto size = base64_decoded_size(text);
  if (!size) return wrong(size.error());
  upload.decoded.resize(*size);
  if (const auto decoded = base64_decode(text, upload.decoded); !decoded) {
    return wrong(decoded.error());
  }
  upload.image = upload.decoded;
  return {};
}

// Calls set(options, text) where the field is there and not null.
template <class Set>
Status apply_text(const json::object& body, std::string_view name, EstimateOptions& options,
                  Set set) {
  const auto* value = body.if_contains(name);
  if (value == nullptr || value->is_null()) return {};
  if (!value->is_string()) {
    return fail(ErrorCode::kInvalidArgument, fmt::format("{} must be a string", name));
  }
  return set(options, value->get_string());
}

Result<Upload> parse_object(const json::object& body, Upload upload, const UploadLimits& limits) {
  EstimateOptions& options = upload.options;
  Status status = apply_text(body, "output_format", options, set_format);
  if (status) status = apply_text(body, "colormap", options, set_colormap);
  if (status) status = apply_text(body, "representation", options, set_representation);
  if (!status) return fail(status.error());
  const auto* normalize = body.if_contains("normalize");
  if (normalize != nullptr && !normalize->is_null()) set_normalize(options, *normalize);
  const auto* auto_orient = body.if_contains("auto_orient");
  if (auto_orient != nullptr && !auto_orient->is_null()) set_auto_orient(options, *auto_orient);

  if (const auto* image = body.if_contains("image"); image != nullptr && !image->is_null()) {
    if (!image->is_string()) {
      return fail(ErrorCode::kInvalidArgument, "'image' must be a base64 string");
    }
    if (auto decoded = decode_image_text(image->get_string(), upload); !decoded) {
      return fail(decoded.error());
    }
    return upload;
  }
  const auto* url = body.if_contains("image_url");
  if (url == nullptr || url->is_null() || !limits.allow_image_url) {
    return missing("'image' or 'image_url'");
  }
  if (!url->is_string() || url->get_string().empty()) {
    return fail(ErrorCode::kInvalidArgument, "'image_url' must be a URL");
  }
  upload.url = url->get_string().c_str();
  return upload;
}

}  // namespace

Status check_image_size(std::size_t bytes, const UploadLimits& limits) {
  if (bytes <= limits.max_image_mb << 20) return {};
  return fail(ErrorCode::kTooLarge, fmt::format("Image exceeds {}MB limit", limits.max_image_mb));
}

Result<Upload> parse_upload(const http::Request& request, const EstimateOptions& defaults,
                            const UploadLimits& limits) {
  Upload empty;
  empty.options = defaults;
  const std::string type = request.content_type();
  Result<Upload> upload = fail(ErrorCode::kUnsupportedMediaType, "Unsupported content type");
  if (type == "multipart/form-data") {
    upload = parse_form(request, std::move(empty));
  } else if (type == "application/json") {
    const auto body = http::parse_json(request.body);
    if (!body) return fail(body.error());
    if (!body->is_object()) return missing("'image' or 'image_url'");
    upload = parse_object(body->get_object(), std::move(empty), limits);
  }
  if (!upload) return upload;
  if (auto size = check_image_size(upload->image.size(), limits); !size) return fail(size.error());
  return upload;
}

}  // namespace npu::depth
