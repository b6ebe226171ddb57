// From what a request says about its model to the broker's ModelSpec.
//
// Remembers the variants that a request or the broker holds, with their opened files, and for
// types and paths the parameters last given: for those of which a variant is held always, for
// others while there is room. Event loop's thread only. Opens files, and reads the first bytes of
// HEF files, only for models that are not resident (docs/adr/0016).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "broker/types.hpp"
#include "manager/work.hpp"
#include "store/resolver.hpp"

namespace npu::manager {

// What a request says about its model.
struct ModelQuery {
  std::string type;
  std::string path;
  const boost::json::object* params = nullptr;  // null: those last given
};

class ModelTable {
 public:
  // resident: whether a worker holds the model of that key now.
  ModelTable(store::Resolver resolver, std::string device_kind,
             std::function<bool(const std::string&)> resident);

  // Messages are complete replies: "Model path not allowed: ...", "Model file not found: ...",
  // "Failed to load model: <why>".
  Result<std::shared_ptr<const broker::ModelSpec>> find(const ModelQuery& query);

  // The variants of a type and path that somebody holds; with params the one of these.
  std::vector<std::shared_ptr<const broker::ModelSpec>> variants(
      const std::string& type, const std::string& path, const boost::json::object* params) const;

 private:
  using SpecPtr = std::shared_ptr<const broker::ModelSpec>;
  struct Known {
    broker::ModelSpec spec;          // without its `load`
    std::weak_ptr<const void> load;  // whose life is that of the variant
    SpecPtr held() const;            // null once that is over
  };
  // Parameters last given for a type and path.
  struct Given {
    std::string params;  // serialised
    std::string hash;
    std::uint64_t used = 0;
  };

  Result<SpecPtr> make(const ModelQuery& query, const std::string& params, std::string key,
                       std::shared_ptr<const void> held);
  Result<store::OpenedFile> open_file(const std::string& path, const std::string& message);
  std::shared_ptr<store::OpenedFile> share(store::OpenedFile file);
  std::uint64_t memory_bound(std::uint64_t file_bytes) const;
  void remember(const broker::ModelSpec& spec);
  void remember(const std::string& name, Given given);
  void forget_given();
  bool is_held(const std::string& name) const;
  template <class Visit>
  void for_each_held(const std::string& name, const Visit& visit) const;

  static constexpr std::size_t kFewKnown = 64;

  store::Resolver resolver_;
  std::string device_kind_;
  std::set<std::string> told_;  // what was logged
  std::function<bool(const std::string&)> resident_;
  std::map<std::string, Known> known_;  // by key
  // What is open now: a file is open once, however many models it belongs to.
  std::vector<std::weak_ptr<store::OpenedFile>> open_files_;
  std::unordered_map<std::string, Given> given_;  // by "type:path"
  std::size_t known_limit_ = kFewKnown;           // at which those not held are looked for
  std::size_t given_bytes_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace npu::manager
