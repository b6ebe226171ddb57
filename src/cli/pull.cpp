#include "cli/pull.hpp"

#include <filesystem>
#include <thread>
#include <utility>

#include <unistd.h>

#include <fmt/format.h>

#include "base/account_name.hpp"
#include "store/checksum_file.hpp"
#include "store/part_file.hpp"
#include "store/sha256.hpp"

namespace npu::cli {
namespace json = boost::json;
namespace fs = std::filesystem;
namespace {

constexpr const char* kOfOption = "--sha256";
constexpr const char* kOfCatalogue = "the catalogue";

PullFailure failure(ErrorCode code, std::string message, std::string advice = {}) {
  return {{code, std::move(message)}, std::move(advice)};
}

// What a file must have, and who says so.
struct Expected {
  std::string sha256;
  std::string source;
};

Result<Expected> expected_of(const store::CatalogueFile& file, const std::string& target,
                             const std::string& option) {
  if (!option.empty()) return Expected{option, kOfOption};
  if (!file.sha256.empty()) return Expected{file.sha256, kOfCatalogue};
  const auto recorded = store::recorded_sha256(target);
  if (!recorded) return fail(recorded.error());
  if (recorded->empty()) return Expected{};
  return Expected{*recorded, target + ".sha256"};
}

std::string again(const std::string& name, const std::string& dir) {
  return fmt::format("To have it anew:  hailoctl rm {0} --dir {1} && hailoctl pull {0} --dir {1}",
                     name, dir);
}

std::string advice_for(const Error& error, const Expected& expected, const std::string& name,
                       const std::string& dir) {
  switch (error.code) {
    case ErrorCode::kPermission: return "As an administrator:  sudo hailoctl pull " + name;
    case ErrorCode::kUnsupported:
      return "See who may read it at the address of the source (hailoctl models --available "
             "--json)";
    case ErrorCode::kNotFound:
      return "The publisher has moved it. Get the file by hand and put it into " + dir;
    case ErrorCode::kTooLarge:
      return "Make room and run the same command: it goes on from what is there";
    case ErrorCode::kUnavailable:
    case ErrorCode::kDeadlineExceeded:
      return "Run the same command again: it goes on from what is there. A proxy is taken from "
             "https_proxy";
    case ErrorCode::kMalformed:
      if (expected.source.ends_with(".sha256")) {
        return "The publisher has changed the file since it was first fetched here, or somebody "
               "between you and him has. If you trust the new one:  rm " +
               expected.source;
      }
      return expected.source == kOfOption
                 ? "Compare it with what the publisher says"
                 : "What came was thrown away. Try again later, or tell " + name + "'s publisher";
    default: return {};
  }
}

// "who may": root, or the folder's group if it may write.
std::optional<PullFailure> not_writable(const std::string& folder, const std::string& name) {
  std::string there = folder;
  while (!fs::exists(there) && there.size() > 1) there = fs::path(there).parent_path().string();
  if (::access(there.c_str(), W_OK | X_OK) == 0) return std::nullopt;
  return failure(ErrorCode::kPermission,
                 fmt::format("user {} may not write into {}", user_name(::geteuid()), there),
                 fmt::format("As an administrator:  sudo hailoctl pull {}", name));
}

class Puller {
 public:
  Puller(const ModelStore& models, const store::CatalogueEntry& entry, const PullOptions& options,
         PullProgress& progress)
      : models_(models), entry_(entry), options_(options), progress_(progress) {}

  std::optional<PullFailure> one(const store::CatalogueFile& file, const std::string& option_sum,
                                 Pulled& out) {
    out.name = entry_.name;
    out.device = options_.device;
    out.file = models_.place_of(file);
    out.url = file.url;
    const auto expected = expected_of(file, out.file, option_sum);
    if (!expected) return PullFailure{expected.error(), {}};
    out.checked = expected->source;
    std::error_code failed;
    if (fs::exists(out.file, failed)) return present(*expected, out);
    if (options_.dry_run) {
      out.state = "would be fetched";
      out.bytes = file.size;
      out.sha256 = expected->sha256;
      return std::nullopt;
    }
    return fetch(file, *expected, out);
  }

 private:
  std::optional<PullFailure> present(const Expected& expected, Pulled& out) const {
    const auto right = store::check_model_file(out.file, out.file);
    if (!right) {
      return failure(right.error().code,
                     fmt::format("{} is there: {}", out.file, right.error().message),
                     again(entry_.name, models_.dir()));
    }
    const auto sum = store::sha256_of_file(out.file);
    if (!sum) return PullFailure{sum.error(), {}};
    if (!expected.sha256.empty() && *sum != expected.sha256) {
      return failure(ErrorCode::kMalformed,
                     fmt::format("{} is there, and its SHA-256 is {} and not {} ({})", out.file,
                                 *sum, expected.sha256, expected.source),
                     again(entry_.name, models_.dir()));
    }
    out.state = "present";
    out.sha256 = *sum;
    std::error_code failed;
    out.bytes = fs::file_size(out.file, failed);
    return std::nullopt;
  }

  std::optional<PullFailure> fetch(const store::CatalogueFile& file, const Expected& expected,
                                   Pulled& out) {
    const std::string folder = fs::path(out.file).parent_path().string();
    if (auto not_mine = not_writable(folder, entry_.name)) return not_mine;
    if (auto made = store::make_folders(folder); !made) return PullFailure{made.error(), {}};
    const store::Wanted wanted{.url = file.url,
                               .target = out.file,
                               .size = file.size,
                               .sha256 = expected.sha256,
                               .sha256_source = expected.source};
    progress_.begin(fs::path(out.file).filename().string());
    const auto got = store::download(
        wanted, options_.download,
        {.progress = [&](auto bytes, auto total) { progress_.show(bytes, total); },
         .retrying = [&](const auto& why, Millis delay) { progress_.retrying(why, delay); },
         .sleep = [](Millis delay) { std::this_thread::sleep_for(delay); }});
    progress_.end();
    if (!got) {
      return failure(got.error().code, fmt::format("{}: {}", file.url, got.error().message),
                     advice_for(got.error(), expected, entry_.name, models_.dir()));
    }
    out.state = "fetched";
    out.bytes = got->bytes;
    out.sha256 = got->sha256;
    if (auto recorded = store::record_sha256(out.file, got->sha256); !recorded) {
      return PullFailure{recorded.error(), {}};
    }
    return std::nullopt;
  }

  const ModelStore& models_;
  const store::CatalogueEntry& entry_;
  const PullOptions& options_;
  PullProgress& progress_;
};

// Of files that cannot be fetched: how they come.
PullFailure not_published(const store::CatalogueEntry& entry, const store::CatalogueFile& file) {
  if (!file.package.empty()) {
    return failure(
        ErrorCode::kUnsupported,
        fmt::format("{} of {} is not fetched, it comes with a package", file.path, entry.name),
        fmt::format("Install it:  sudo apt install {}", file.package));
  }
  return failure(
      ErrorCode::kUnsupported,
      fmt::format("the catalogue does not say where {} of {} is published", file.path, entry.name),
      entry.source.empty() ? "" : "Its project: " + entry.source);
}

}  // namespace

json::object Pulled::to_json() const {
  return {{"name", name},   {"device", device}, {"file", file},     {"url", url},
          {"state", state}, {"bytes", bytes},   {"sha256", sha256}, {"checked", checked}};
}

std::string Pulled::text() const {
  std::string out = fmt::format("{}: {} {}", name, file, state);
  if (bytes != 0) out += ", " + bytes_text(bytes);
  if (state == "would be fetched") return out + " from " + url;
  if (!sha256.empty()) {
    out += fmt::format(
        ", SHA-256 {} ({})", sha256,
        checked.empty() ? "nothing to compare it with" : fmt::format("as {} says", checked));
  }
  return out;
}

std::optional<PullFailure> pull(ModelStore& models, const store::CatalogueEntry& entry,
                                const PullOptions& options, PullProgress& progress,
                                std::vector<Pulled>& done) {
  const auto found = entry.files.find(options.device);
  if (found == entry.files.end()) {
    return failure(
        ErrorCode::kNotFound,
        fmt::format("{} has no file for {}, only for {}", entry.name, options.device,
                    devices_of(entry)),
        fmt::format("To fetch another one:  hailoctl pull {} --device DEVICE", entry.name));
  }
  std::vector<const store::CatalogueFile*> files{&found->second};
  for (const auto& side : entry.side_files) files.push_back(&side);
  Puller puller(models, entry, options, progress);
  for (const auto* file : files) {
    const bool is_model = file == files.front();
    if (file->url.empty()) return not_published(entry, *file);
    Pulled pulled;
    if (auto failed = puller.one(*file, is_model ? options.sha256 : std::string(), pulled)) {
      return failed;
    }
    done.push_back(std::move(pulled));
  }
  return std::nullopt;
}

}  // namespace npu::cli
