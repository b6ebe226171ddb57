// From what a request says about its model to the broker's ModelSpec.
//
// A model is its type, its files, whatever names lead to them, and those of the parameters that its
// family uses (docs/adr/0025).
//
// Remembers the variants that a request or the broker holds, with their opened files, and for
// types and paths the parameters last given: for those of which a variant is held always, for
// others while there is room. Event loop's thread only. Opens files, and reads the first bytes of
// HEF files, only for models that are not resident or that are asked for by a name that is new
// (docs/adr/0016).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "broker/types.hpp"
#include "manager/memory/payloads.hpp"
#include "store/resolver.hpp"

namespace npu::manager {

// What a request says about its model.
struct ModelQuery {
  std::string type;
  std::string path;
  const boost::json::object* params = nullptr;  // null: those last given, by this user if he did
  std::uint32_t user = 0;
};

class ModelTable {
 public:
  // resident: whether a worker holds the model of that key now.
  ModelTable(store::Resolver resolver, std::string device_kind,
             std::function<bool(const std::string&)> resident);

  // Messages are complete replies: "Model path not allowed: ...", "Model file not found: ...",
  // "Failed to load model: <why>".
  Result<broker::ModelSpec> find(const ModelQuery& query);

  // The variants of a type and path that somebody holds; with params the one of these.
  std::vector<broker::ModelSpec> variants(const ModelQuery& query);

 private:
  struct Known {
    broker::ModelSpec spec;               // without its `load`
    std::weak_ptr<const LoadOrder> load;  // whose life is that of the variant
    std::string own_file;  // its path; of a type without one, what the model is called
    std::optional<broker::ModelSpec> held() const;  // nothing once that is over
  };
  // A variant as it is now, to be loaded from these files.
  struct Made {
    broker::ModelSpec spec;
    std::string own_file;
  };
  // How a request calls a model.
  struct Name {
    std::string model;  // "type:path", tidied
    std::size_t path_at = 0;
    std::string path() const { return model.substr(path_at); }
  };
  // Parameters last given for a type and path.
  struct Given {
    std::string params;  // serialised
    std::string hash;
    std::uint64_t used = 0;
  };
  // By Name::model and the user who gave them. Looked up for each request: without making texts.
  using GivenBy = std::map<std::tuple<std::string, std::int64_t>, Given, std::less<>>;
  static constexpr std::int64_t kAnybody = -1;
  // By Name::model and the hash of the parameters.
  using Keys = std::map<std::tuple<std::string, std::string>, std::string, std::less<>>;

  static Result<Name> name_of(const ModelQuery& query);
  Result<Made> make(const ModelQuery& query, const Name& name, const std::string& params);
  // The variant that the name led to before and that is held, if there is one.
  std::optional<broker::ModelSpec> known_by(const Name& name, std::string_view params_hash) const;
  Result<store::OpenedFile> open_file(const std::string& path, const std::string& message);
  std::shared_ptr<store::OpenedFile> share(store::OpenedFile file);
  std::uint64_t memory_bound(std::uint64_t file_bytes) const;
  broker::ModelSpec remember(Made made);
  GivenBy::iterator given_before(const Name& name, std::int64_t user);
  void remember(const Name& name, std::int64_t user, Given given);
  void forget_given();

  static constexpr std::size_t kFewKnown = 64;

  store::Resolver resolver_;
  std::string device_kind_;
  std::set<std::string> told_;  // what was logged
  std::function<bool(const std::string&)> resident_;
  std::map<std::string, Known> known_;  // by key
  // What is open now: a file is open once, however many models it belongs to.
  std::vector<std::weak_ptr<store::OpenedFile>> open_files_;
  Keys keys_;  // only to save work
  GivenBy given_;
  std::size_t known_limit_ = kFewKnown;  // at which those not held are looked for
  std::size_t given_bytes_ = 0;
  std::uint64_t uses_ = 0;
};

}  // namespace npu::manager
