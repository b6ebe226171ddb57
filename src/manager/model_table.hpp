// From what a request says about its model to the broker's ModelSpec.
//
// Remembers, for each type and path, the parameters last given and the variants asked for, and for
// each identity the checked files. Event loop's thread only. Looks at the file system only for
// models that are not resident.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "base/unique_fd.hpp"
#include "broker/types.hpp"
#include "store/resolver.hpp"

namespace npu::manager {

// What a request says about its model.
struct ModelQuery {
  std::string type;
  std::string path;
  const boost::json::object* params = nullptr;  // null: those last given
  std::shared_ptr<UniqueFd> fd;                 // the opened file, if the client passed it
};

class ModelTable {
 public:
  // resident: whether a worker holds the model of that key now.
  ModelTable(store::Resolver resolver, std::string device_kind,
             std::function<bool(const std::string&)> resident);

  // Messages are complete replies: "Model path not allowed: ...", "Model file not found: ...",
  // "Failed to load model: <why>".
  Result<std::shared_ptr<const broker::ModelSpec>> find(const ModelQuery& query);

  // The variants of a type and path that were asked for so far; with params the one of these.
  std::vector<std::shared_ptr<const broker::ModelSpec>> variants(
      const std::string& type, const std::string& path, const boost::json::object* params) const;

 private:
  using SpecPtr = std::shared_ptr<const broker::ModelSpec>;
  struct Named {
    boost::json::object params;  // last given
    std::string hash;            // of these
    std::vector<std::string> keys;
  };

  Result<SpecPtr> make(const ModelQuery& query, const boost::json::object& params, std::string key);
  Result<store::ResolvedFile> check_file(const std::string& path, const std::string& message) const;
  std::uint64_t memory_bound(std::uint64_t file_bytes) const;
  void prune();

  store::Resolver resolver_;
  std::string device_kind_;
  std::function<bool(const std::string&)> resident_;
  std::unordered_map<std::string, Named> named_;    // by "type:path"
  std::unordered_map<std::string, SpecPtr> specs_;  // by key
};

}  // namespace npu::manager
