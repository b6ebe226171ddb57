#include "cli/pictures/picture_files.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <unordered_set>

#include <glob.h>

#include <fmt/format.h>

#include "cli/files.hpp"
#include "media/jpeg_encode.hpp"
#include "media/png_encode.hpp"

namespace npu::cli {
namespace {

namespace fs = std::filesystem;

// Of what media/image_decode.hpp takes.
constexpr std::array<std::string_view, 13> kPictureEndings{
    ".jpg",  ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif",
    ".tiff", ".ppm",  ".pgm", ".pbm",  ".pnm", ".jfif"};

bool is_picture_name(const std::string& path) {
  return std::ranges::find(kPictureEndings, ending_of(path)) != kPictureEndings.end();
}

Result<std::vector<std::string>> in_folder(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code failed;
  fs::directory_iterator entry(folder, failed);
  for (; !failed && entry != fs::directory_iterator(); entry.increment(failed)) {
    const std::string path = entry->path().string();
    std::error_code ignored;
    if (is_picture_name(path) && entry->is_regular_file(ignored)) files.push_back(path);
  }
  if (failed) {
    return fail(ErrorCode::kPermission,
                fmt::format("cannot read the folder {}: {}", folder, failed.message()));
  }
  if (files.empty()) {
    return fail(ErrorCode::kNotFound, fmt::format("there are no pictures in {}", folder));
  }
  std::ranges::sort(files);
  return files;
}

Result<std::vector<std::string>> matching(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    files.assign(found.gl_pathv, found.gl_pathv + found.gl_pathc);
  }
  ::globfree(&found);
  std::error_code ignored;
  std::erase_if(files, [&](const auto& file) { return fs::is_directory(file, ignored); });
  if (files.empty()) return fail(ErrorCode::kNotFound, fmt::format("no file matches {}", pattern));
  return files;
}

Result<std::vector<std::string>> files_of(const std::string& argument) {
  std::error_code failed;
  const auto status = fs::status(argument, failed);
  if (fs::is_directory(status)) return in_folder(argument);
  if (fs::exists(status)) return std::vector{argument};
  if (argument.find_first_of("*?[") != std::string::npos) return matching(argument);
  return fail(ErrorCode::kNotFound, fmt::format("there is no file {}", argument));
}

std::string real_path(const std::string& path) {
  std::error_code ignored;
  return fs::weakly_canonical(path, ignored).string();
}

tl::unexpected<Error> no_output(std::string message) {
  return fail(ErrorCode::kInvalidArgument, std::move(message));
}

}  // namespace

Result<std::vector<std::string>> picture_files(const std::vector<std::string>& arguments) {
  std::vector<std::string> all;
  std::unordered_set<std::string> seen;
  for (const auto& argument : arguments) {
    const auto files = files_of(argument);
    if (!files) return fail(files.error());
    for (const auto& file : *files) {
      if (seen.insert(absolute_path(file)).second) all.push_back(file);
    }
  }
  return all;
}

Result<std::vector<std::string>> output_files(const std::vector<std::string>& pictures,
                                              const std::string& output) {
  std::vector<std::string> files;
  std::error_code ignored;
  const bool folder = output.ends_with('/') || fs::is_directory(output, ignored);
  if (!folder && pictures.size() > 1) {
    return no_output(
        fmt::format("of {} pictures -o has to name a folder: {}/", pictures.size(), output));
  }
  if (!folder) {
    const std::string ending = ending_of(output);
    if (ending != ".jpg" && ending != ".jpeg" && ending != ".png") {
      return no_output(fmt::format(
          "-o writes .jpg and .png files, or any number of them into a folder/, got {}", output));
    }
    files.push_back(output);
  }
  std::unordered_set<std::string> taken;
  for (const auto& picture : folder ? pictures : std::vector<std::string>{}) {
    const fs::path path(picture);
    std::string name = path.stem().string() + ".jpg";
    if (!taken.insert(name).second) {
      name = path.filename().string() + ".jpg";
      if (!taken.insert(name).second) {
        return no_output(fmt::format("two pictures are called {}; write them into two folders",
                                     path.filename().string()));
      }
    }
    files.push_back((fs::path(output) / name).string());
  }
  std::unordered_set<std::string> read;
  for (const auto& picture : pictures) read.insert(real_path(picture));
  for (const auto& file : files) {
    if (read.contains(real_path(file))) {
      return no_output(
          fmt::format("-o would replace the picture {}; name another folder or file", file));
    }
  }
  return files;
}

Status write_picture(const media::Image& picture, const std::string& file) {
  if (const auto folder = fs::path(file).parent_path(); !folder.empty()) {
    std::error_code failed;
    fs::create_directories(folder, failed);
    if (failed) {
      return fail(ErrorCode::kPermission,
                  fmt::format("cannot make the folder {}: {}", folder.string(), failed.message()));
    }
  }
  if (ending_of(file) == ".png") return write_file(file, media::encode_png(picture));
  const auto jpeg = media::encode_jpeg(picture);
  if (!jpeg) return fail(jpeg.error().code, fmt::format("{}: {}", file, jpeg.error().message));
  return write_file(file, *jpeg);
}

}  // namespace npu::cli
