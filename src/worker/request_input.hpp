// The input of an inference: JSON fields whose tensors lie in regions.
#pragma once

#include <deque>
#include <vector>

#include "families/family.hpp"
#include "worker/region_table.hpp"

namespace npu::worker {

class RequestInput final : public families::InferInput {
 public:
  RequestInput(const boost::json::object& fields, const RegionTable& regions,
               families::Asker asker = {})
      : fields_(fields), regions_(regions), asker_(asker) {}

  const boost::json::object& fields() const override { return fields_; }
  // In place, unless the client put it where its elements are not aligned: then a copy.
  Result<TensorView> tensor(const boost::json::value& value) const override;
  families::Asker asker() const override { return asker_; }

 private:
  const boost::json::object& fields_;
  const RegionTable& regions_;
  families::Asker asker_;
  mutable std::deque<std::vector<std::byte>> aligned_;
};

}  // namespace npu::worker
