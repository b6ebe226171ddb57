#include "services/kit/picture_upload.hpp"

#include <optional>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "http/json_body.hpp"
#include "http/multipart.hpp"
#include "json/fields.hpp"
#include "services/kit/picture_text.hpp"

namespace npu::kit {
namespace {

tl::unexpected<Error> missing(std::string_view what) {
  return fail(ErrorCode::kInvalidArgument, fmt::format("Missing {} field", what));
}

Status read_all(Fields fields, PictureUpload& upload, const ReadOptions& read_options) {
  fields.flag("auto_orient", upload.auto_orient);
  fields.flag("annotated", upload.annotated);
  if (read_options) {
    if (const Status read = read_options(fields); !read) return read;
  }
  return fields.status();
}

Result<PictureUpload> parse_form(const http::Request& request, PictureUpload upload,
                                 const ReadOptions& read_options) {
  const auto form = http::Multipart::of(request);
  if (!form) return fail(form.error());
  if (const Status read = read_all(Fields(*form), upload, read_options); !read) {
    return fail(read.error());
  }
  const auto* image = form->find("image");
  if (image == nullptr || image->data.empty()) return missing("'image'");
  upload.image = std::as_bytes(std::span(image->data));
  return upload;
}

Result<PictureUpload> parse_object(http::Request& request, PictureUpload upload,
                                   const PictureRules& rules, const ReadOptions& read_options) {
  PictureText text(request.body);
  const auto body = http::parse_json_apart(request.body, "image", text);
  if (!body) return fail(body.error());
  if (!body->is_object()) return missing("'image' or 'image_url'");
  if (const Status read = read_all(Fields(body->get_object()), upload, read_options); !read) {
    return fail(read.error());
  }
  npu::json::Fields in(body->get_object());
  if (in.text("image")) {
    const auto image = text.finish();
    if (!image) return fail(image.error());
    upload.image = *image;
    return upload;
  }
  const auto url = rules.allow_image_url ? in.text("image_url") : std::nullopt;
  if (url && url->empty()) in.wrong("image_url", "a URL");
  if (!in.status()) return fail(in.status().error());
  if (!url) return missing("'image' or 'image_url'");
  upload.url = *url;
  return upload;
}

}  // namespace

void take_as_json(http::Request& request) {
  if (request.content_type() == "multipart/form-data") return;
  request.headers.set("Content-Type", "application/json");
}

Status check_image_size(std::size_t bytes, const PictureRules& rules) {
  if (bytes <= rules.max_bytes()) return {};
  return fail(ErrorCode::kTooLarge, fmt::format("Image exceeds {}MB limit", rules.max_image_mb));
}

Result<PictureUpload> parse_upload(http::Request& request, const PictureRules& rules,
                                   const ReadOptions& read_options) {
  PictureUpload empty;
  empty.auto_orient = rules.auto_orient;
  const std::string type = request.content_type();
  Result<PictureUpload> upload = fail(ErrorCode::kUnsupportedMediaType, "Unsupported content type");
  if (type == "multipart/form-data") {
    upload = parse_form(request, std::move(empty), read_options);
  } else if (type == "application/json") {
    upload = parse_object(request, std::move(empty), rules, read_options);
  }
  if (!upload) return upload;
  if (auto size = check_image_size(upload->image.size(), rules); !size) return fail(size.error());
  return upload;
}

}  // namespace npu::kit
