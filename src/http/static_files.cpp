#include "http/static_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <iterator>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "base/beneath.hpp"
#include "http/body.hpp"
#include "http/byte_range.hpp"

namespace npu::http {
namespace {

struct Kind {
  std::string_view extension;
  std::string_view content_type;
};

constexpr std::array<Kind, 27> kKinds{{
    {"css", "text/css; charset=utf-8"},
    {"csv", "text/csv; charset=utf-8"},
    {"gif", "image/gif"},
    {"htm", "text/html; charset=utf-8"},
    {"html", "text/html; charset=utf-8"},
    {"ico", "image/x-icon"},
    {"jpeg", "image/jpeg"},
    {"jpg", "image/jpeg"},
    {"js", "text/javascript; charset=utf-8"},
    {"json", "application/json"},
    {"map", "application/json"},
    {"md", "text/markdown; charset=utf-8"},
    {"mjs", "text/javascript; charset=utf-8"},
    {"mp3", "audio/mpeg"},
    {"mp4", "video/mp4"},
    {"ogg", "audio/ogg"},
    {"pdf", "application/pdf"},
    {"png", "image/png"},
    {"svg", "image/svg+xml"},
    {"txt", "text/plain; charset=utf-8"},
    {"wasm", "application/wasm"},
    {"wav", "audio/wav"},
    {"webm", "video/webm"},
    {"webmanifest", "application/manifest+json"},
    {"webp", "image/webp"},
    {"woff2", "font/woff2"},
    {"xml", "application/xml"},
}};

std::string_view content_type_of(std::string_view path) {
  const auto dot = path.rfind('.');
  const auto extension = dot == std::string_view::npos ? "" : path.substr(dot + 1);
  const auto found = std::ranges::find_if(
      kKinds, [&](const Kind& kind) { return equals_ignoring_case(kind.extension, extension); });
  return found == kKinds.end() ? "application/octet-stream" : found->content_type;
}

// Hidden files, "." and "..", and what openat(2) would take for another path.
bool is_hidden(std::string_view path) {
  return path.starts_with('.') || path.starts_with('/') || path.find("/.") != path.npos ||
         path.find("//") != path.npos || path.find('\0') != path.npos;
}

struct File {
  UniqueFd fd;
  struct stat about{};
};

std::optional<File> open_file(int folder, const std::string& path) {
  File file;
  file.fd = open_beneath(folder, path.empty() ? "." : path);
  if (!file.fd || ::fstat(file.fd.get(), &file.about) != 0) return std::nullopt;
  return file;
}

bool is_regular(const File& file) { return S_ISREG(file.about.st_mode); }

// Whether Accept-Encoding names it without refusing it (q=0).
bool accepts(const Headers& request, std::string_view coding) {
  for (const auto& [name, value] : request) {
    if (!equals_ignoring_case(name, "Accept-Encoding")) continue;
    std::string_view rest = value;
    while (!rest.empty()) {
      const auto item = rest.substr(0, rest.find(','));
      rest.remove_prefix(std::min(item.size() + 1, rest.size()));
      const auto semicolon = std::min(item.find(';'), item.size());
      if (!equals_ignoring_case(trim(item.substr(0, semicolon)), coding)) continue;
      const auto quality = item.substr(semicolon);
      return quality.find_first_of("123456789") != std::string_view::npos ||
             quality.find('=') == std::string_view::npos;
    }
  }
  return false;
}

struct Variant {
  std::string_view suffix;
  std::string_view coding;
};
constexpr std::array<Variant, 2> kVariants{{{".br", "br"}, {".gz", "gzip"}}};

std::string etag_of(const File& file, std::string_view coding) {
  const auto& time = file.about.st_mtim;
  return fmt::format("\"{:x}.{:x}-{:x}{}\"", time.tv_sec, time.tv_nsec, file.about.st_size, coding);
}

// If-None-Match compares weakly, and may list several.
bool lists(std::string_view field, std::string_view etag) {
  if (trim(field) == "*") return true;
  while (!field.empty()) {
    auto item = trim(field.substr(0, field.find(',')));
    if (item.starts_with("W/")) item.remove_prefix(2);
    if (item == etag) return true;
    field.remove_prefix(std::min(field.find(','), field.size() - 1) + 1);
  }
  return false;
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
                       std::string_view("-._~").find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      fmt::format_to(std::back_inserter(out), "%{:02X}", static_cast<unsigned char>(c));
    }
  }
  return out;
}

Response not_found() { return Response::text("404: Not Found", 404); }

// Relative, so that no path can make it lead to another host.
Response to_folder(std::string_view path) {
  Response response = Response::text("", 301);
  const auto name = path.substr(path.rfind('/') + 1);
  response.headers.set("Location", "./" + percent_encoded(name) + "/");
  return response;
}

}  // namespace

StaticFiles::StaticFiles(UniqueFd folder, StaticFilesOptions options)
    : folder_(std::make_shared<const UniqueFd>(std::move(folder))), options_(std::move(options)) {}

Result<StaticFiles> StaticFiles::open(const std::string& folder, StaticFilesOptions options) {
  UniqueFd fd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (fd) return StaticFiles(std::move(fd), std::move(options));
  const auto code = errno == EACCES ? ErrorCode::kPermission : ErrorCode::kNotFound;
  return fail(code, fmt::format("cannot serve the files of {}: {}", folder, std::strerror(errno)));
}

void StaticFiles::add_routes(Router& router, const std::string& prefix) const {
  router.get(prefix + "/{path...}",
             [files = *this](Request request) -> awaitable<Result<Response>> {
               co_return files.answer(std::string(request.param("path")), request.headers);
             },
             {.max_body = 0, .open = options_.open});
}

Response StaticFiles::answer(const std::string& path, const Headers& request) const {
  if (is_hidden(path)) return not_found();
  std::string name = path;
  auto file = open_file(folder_->get(), name);
  if (file && S_ISDIR(file->about.st_mode)) {
    if (!path.empty() && !path.ends_with('/')) return to_folder(path);
    name += "index.html";
    file = open_file(folder_->get(), name);
  }
  if (!file || !is_regular(*file)) return not_found();

  std::string_view coding;
  for (const Variant& variant : kVariants) {
    if (!accepts(request, variant.coding)) continue;
    auto packed = open_file(folder_->get(), name + std::string(variant.suffix));
    if (!packed || !is_regular(*packed)) continue;
    file = std::move(packed);
    coding = variant.coding;
    break;
  }

  const std::string etag = etag_of(*file, coding);
  const auto say_what_it_is = [&](Response& response) {
    response.headers.set("ETag", etag);
    response.headers.set("Cache-Control", options_.cache_control);
    response.headers.set("Vary", "Accept-Encoding");
    response.headers.set("X-Content-Type-Options", "nosniff");
    if (!coding.empty()) response.headers.set("Content-Encoding", std::string(coding));
  };
  if (const auto known = request.get("If-None-Match"); known && lists(*known, etag)) {
    Response response;
    response.status = 304;
    say_what_it_is(response);
    return response;
  }

  const auto size = static_cast<std::size_t>(file->about.st_size);
  std::optional<ByteRange> range;
  const auto if_range = request.get("If-Range");
  if (!if_range || trim(*if_range) == etag) {
    if (const auto field = request.get("Range")) range = byte_range(*field, size);
  }
  if (range && range->size == 0) {
    Response response = Response::text("416: Range Not Satisfiable", 416);
    response.headers.set("Content-Range", fmt::format("bytes */{}", size));
    return response;
  }
  auto mapped = Body::map(std::move(file->fd), size);
  if (!mapped) return not_found();
  const auto body = std::make_shared<const Body>(std::move(*mapped));
  const auto part = range ? body->view().substr(range->first, range->size) : body->view();
  Response response = Response::lending(part, body, content_type_of(name), range ? 206 : 200);
  say_what_it_is(response);
  response.headers.set("Accept-Ranges", "bytes");
  if (range) {
    response.headers.set("Content-Range", fmt::format("bytes {}-{}/{}", range->first,
                                                      range->first + range->size - 1, size));
  }
  return response;
}

}  // namespace npu::http
