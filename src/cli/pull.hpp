// Fetches the files of a model of the catalogue.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "cli/model_store.hpp"
#include "store/download.hpp"

namespace npu::cli {

struct PullOptions {
  std::string device;  // "": what is here
  std::string sha256;  // of the model's own file, "": the catalogue's or what is recorded
  bool dry_run = false;
  store::DownloadOptions download;
};

// What became of one file.
struct Pulled {
  std::string name;  // of the model
  std::string device;
  std::string file;  // where it lies, or would
  std::string url;
  std::string state;  // "fetched", "present", "would be fetched"
  std::uint64_t bytes = 0;
  std::string sha256;
  std::string checked;  // who said so before: "the catalogue", ...; "": nobody

  boost::json::object to_json() const;
  std::string text() const;
};

struct PullFailure {
  Error error;
  std::string advice;
};

// Tells how far a file is: a line that is written over on a terminal, else a line for each tenth.
class PullProgress {
 public:
  // out: stderr, or nullptr for nothing.
  PullProgress(std::FILE* out, bool terminal) : out_(out), terminal_(terminal) {}
  void begin(const std::string& name);
  void show(std::uint64_t bytes, std::optional<std::uint64_t> total);
  void retrying(const std::string& why, Millis delay);
  void end();

 private:
  void line(const std::string& text, bool stays);

  std::FILE* out_;
  bool terminal_;
  std::string name_;
  std::uint64_t first_ = 0;  // bytes that were there
  bool started_ = false;
  int tenth_ = 0;
  std::size_t width_ = 0;  // of the line that is written over
  std::chrono::steady_clock::time_point since_;
  std::chrono::steady_clock::time_point shown_;
};

// One model's file for the device and its side files, in this order; stops at the first that
// fails. done: of those before it.
std::optional<PullFailure> pull(ModelStore& models, const store::CatalogueEntry& entry,
                                const PullOptions& options, PullProgress& progress,
                                std::vector<Pulled>& done);

}  // namespace npu::cli
