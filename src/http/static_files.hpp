// The files of a folder over HTTP: the pages of a portal.
//
//   auto files = StaticFiles::open("/usr/share/hailo-portal");
//   if (!files) return fail(files.error());
//   files->add_routes(router, "/ui");     // GET /ui/..., HEAD too
//
// A path never leads out of the folder, whatever links lie in it, and names that begin with a dot
// are not served. index.html stands for its folder. Answers have an ETag and take If-None-Match,
// If-Range and one Range. Where FILE.br or FILE.gz lies beside FILE and the client takes that
// coding, it is sent in its place.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "http/router.hpp"

namespace npu::http {

struct StaticFilesOptions {
  std::string cache_control = "no-cache";  // a browser asks each time, and is told 304 mostly
  bool open = true;                        // no bearer key is asked for
};

class StaticFiles {
 public:
  // Fails with kNotFound or kPermission where the folder cannot be opened.
  static Result<StaticFiles> open(const std::string& folder, StaticFilesOptions options = {});

  // prefix: "/ui", or "" for all paths that no route before has.
  void add_routes(Router& router, const std::string& prefix) const;

  // path: decoded, without a slash in front. For GET and HEAD.
  Response answer(const std::string& path, const Headers& request) const;

 private:
  StaticFiles(UniqueFd folder, StaticFilesOptions options);

  std::shared_ptr<const UniqueFd> folder_;
  StaticFilesOptions options_;
};

}  // namespace npu::http
