#include "services/kit/picture_upload.hpp"

#include <algorithm>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/json_body.hpp"
#include "http/multipart.hpp"
#include "tensor/base64.hpp"

namespace npu::kit {
namespace json = boost::json;
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

tl::unexpected<Error> missing(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("Missing {} field", what));
}

Status read_all(Fields fields, PictureUpload& upload, const ReadOptions& read_options) {
  fields.flag("auto_orient", upload.auto_orient);
  if (read_options) {
    if (const Status read = read_options(fields); !read) return read;
  }
  return fields.status();
}

Result<PictureUpload> parse_form(const http::Request& request, PictureUpload upload,
                                 const ReadOptions& read_options) {
  const auto form =
      http::Multipart::parse(request.headers.get("Content-Type").value_or(""), request.body);
  if (!form) return fail(form.error());
  if (const Status read = read_all(Fields(*form), upload, read_options); !read) {
    return fail(read.error());
  }
  const auto* image = form->find("image");
  if (image == nullptr || image->data.empty()) return missing("'image'");
  upload.image = std::as_bytes(std::span(image->data));
  return upload;
}

// Base64, with or without line breaks, after "data:...," if it begins so.
Status decode_image_text(std::string_view text, PictureUpload& upload) {
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

Result<PictureUpload> parse_object(const json::object& body, PictureUpload upload,
                                   const PictureRules& rules, const ReadOptions& read_options) {
  if (const Status read = read_all(Fields(body), upload, read_options); !read) {
    return fail(read.error());
  }
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
  if (url == nullptr || url->is_null() || !rules.allow_image_url) {
    return missing("'image' or 'image_url'");
  }
  if (!url->is_string() || url->get_string().empty()) {
    return fail(ErrorCode::kInvalidArgument, "'image_url' must be a URL");
  }
  upload.url = url->get_string().c_str();
  return upload;
}

}  // namespace

Status check_image_size(std::size_t bytes, const PictureRules& rules) {
  if (bytes <= rules.max_bytes()) return {};
  return fail(ErrorCode::kTooLarge, fmt::format("Image exceeds {}MB limit", rules.max_image_mb));
}

Result<PictureUpload> parse_upload(const http::Request& request, const PictureRules& rules,
                                   const ReadOptions& read_options) {
  PictureUpload empty;
  empty.auto_orient = rules.auto_orient;
  const std::string type = request.content_type();
  Result<PictureUpload> upload = fail(ErrorCode::kUnsupportedMediaType, "Unsupported content type");
  if (type == "multipart/form-data") {
    upload = parse_form(request, std::move(empty), read_options);
  } else if (type == "application/json") {
    const auto body = http::parse_json(request.body);
    if (!body) return fail(body.error());
    if (!body->is_object()) return missing("'image' or 'image_url'");
    upload = parse_object(body->get_object(), std::move(empty), rules, read_options);
  }
  if (!upload) return upload;
  if (auto size = check_image_size(upload->image.size(), rules); !size) return fail(size.error());
  return upload;
}

}  // namespace npu::kit
