// From pictures and texts to vectors of length 1, by the two networks of the device and what the
// host does beside them. Used on the event loop; the work is done on the pool.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <npu/client_types.hpp>

#include "http/request.hpp"
#include "http/work_pool.hpp"
#include "services/clip/clip_config.hpp"
#include "services/clip/encoder_calls.hpp"
#include "services/clip/text_cache.hpp"
#include "services/clip/text_tables.hpp"
#include "services/kit/model.hpp"
#include "services/kit/pictures.hpp"

namespace npu::clip {

using http::awaitable;

// Work that is done for a request apart from its own body: for the same client, within the same
// time.
http::Request part_of(const http::Request& request);

class Encoder {
 public:
  // The references must outlive it.
  Encoder(const ClipConfig& config, kit::Model& model, http::WorkPool& pool,
          kit::Pictures& pictures);

  // Of each load: reads the side files, and forgets the vectors of the model before. loaded
  // outlives the call.
  awaitable<Status> accept(const LoadedModel& loaded);
  // nullptr before the first load.
  std::shared_ptr<const TextTables> tables() const { return tables_; }

  // How a picture lies in the input: it fills it whatever its shape, unless the model says
  // otherwise; bicubic, as the Python project has it.
  kit::FitOptions fit() const;
  // upload: of request, which gives it back.
  awaitable<Result<Vector>> picture(http::Request& request, kit::PictureUpload& upload);

  // A vector for each. Texts that are equal, or that were asked for before, are encoded once; the
  // others in batches where the device can, and several requests at a time.
  awaitable<Result<std::vector<Vector>>> texts(const http::Request& request,
                                               std::vector<std::string> texts);
  // The same of what tables()->tokens() gives.
  awaitable<Result<std::vector<Vector>>> tokens(const http::Request& request,
                                                std::vector<Tokens> rows);

  const TextCache& cache() const { return cache_; }

 private:
  struct Batch;
  using Tables = std::shared_ptr<const TextTables>;

  awaitable<void> work_on(Batch& batch);
  awaitable<Result<std::vector<Vector>>> encode(const http::Request& request,
                                                const TextTables& tables,
                                                std::span<const Tokens* const> texts);

  const ClipConfig& config_;
  kit::Model& model_;
  http::WorkPool& pool_;
  kit::Pictures& pictures_;
  Tables tables_;
  TextCache cache_;
};

}  // namespace npu::clip
