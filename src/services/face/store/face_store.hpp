// People and the embeddings of their faces, in SQLite.
//
//   auto store = FaceStore::open({.path = "/var/lib/hailo-face/faces.db"});
//   if (!store) ...                         // what is wrong and what helps; nothing was lost
//   store->add("Ada", {vector, "sface", 0.9, {}});
//   store->match(queries, "sface", 0.363);
//
// What add() and remove() have returned well is on the disk, whatever happens to the process. Other
// programs may use the same file at the same time; what they change is seen by the next call.
// Deleted content is overwritten (secure_delete). One thread at a time; blocks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include <npu/result.hpp>

#include "services/face/store/embedding_index.hpp"
#include "services/face/store/sqlite.hpp"

namespace npu::face {

struct StoreRules {
  std::string path = "/var/lib/hailo-face/faces.db";
  int max_embeddings_of_identity = 10;
  int max_mb = 1024;   // MiB of the file
  int wait_ms = 2000;  // for other programs' locks
};

struct NewEmbedding {
  std::span<const float> vector;  // of length 1
  std::string_view model;         // whose vectors it may be compared with
  double quality = 0;             // 0..1
  std::string_view jpeg = {};     // "": no picture is kept
};

struct IdentityInfo {
  std::string name;
  std::int64_t embeddings = 0;
  std::int64_t of_model = 0;  // of these, of the model that was asked for
  std::string created_at;     // "YYYY-MM-DD HH:MM:SS", UTC
};

struct Match {
  std::string name;
  float cosine = 0;
};

struct Matches {
  std::vector<std::optional<Match>> best;  // of each query; nothing: nobody above the threshold
  std::int64_t of_other_models = 0;        // embeddings that could not be compared
};

class FaceStore {
 public:
  // Makes the file, readable for this user alone, where there is none; checks all of it; brings an
  // older one to today's version. Fails as sqlite_error() says; the file is left as it is then.
  static Result<FaceStore> open(StoreRules rules);

  // One more embedding of a person, who is new or not. The number of all embeddings of that person.
  // kInvalidArgument where the name may not be, or there are max_embeddings_of_identity.
  Result<std::int64_t> add(std::string_view name, const NewEmbedding& embedding);
  // False: there is no such person.
  Result<bool> remove(std::string_view name);
  // Ordered by name.
  Result<std::vector<IdentityInfo>> list(std::string_view model);
  // The person whose embedding is nearest to each query, where the cosine is above the threshold.
  // Embeddings of another model, or another dimension, are never compared.
  Result<Matches> match(std::span<const std::span<const float>> queries, std::string_view model,
                        double threshold);
  // All that is stored about a person. Nothing: there is none of this name.
  Result<std::optional<boost::json::object>> everything_about(std::string_view name);

 private:
  FaceStore(Sqlite db, StoreRules rules) : db_(std::move(db)), rules_(std::move(rules)) {}

  Result<std::optional<std::int64_t>> id_of(std::string_view name);
  Result<std::string> name_of(std::int64_t identity);
  // The index of a model as the database has it now.
  Result<EmbeddingIndex*> index_of(std::string_view model, std::size_t dimension);
  Status bring_up_to_date(std::string_view model, EmbeddingIndex& index);

  struct Cached {
    EmbeddingIndex index;
    std::int64_t version = -1;  // data_version, and our own changes, when it was read
    std::int64_t schema = -1;   // schema_version then: a restored backup has another
  };

  Sqlite db_;
  StoreRules rules_;
  std::int64_t own_changes_ = 0;
  std::map<std::string, Cached, std::less<>> indices_;  // by model; of one dimension each
};

}  // namespace npu::face
