import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lfdm_pipeline.kernels.products import ROWS, add_product
from lfdm_pipeline.kernels.vectors import LANES

few = st.integers(1, 5)


@settings(deadline=None)
@given(few, st.integers(1, 70), few, st.booleans(), st.integers(0, 3), st.integers(0, 3))
def test_it_adds_the_product_and_touches_nothing_beside(
    rows: int, depth: int, columns: int, transposed: bool, beyond_b: int, beyond_c: int
) -> None:
    torch.manual_seed(0)
    rows, columns = ROWS * rows, LANES * columns
    a = torch.randn(depth, rows).T if transposed else torch.randn(rows, depth)
    b, c = torch.randn(depth, columns + beyond_b), torch.randn(rows, columns + beyond_c)
    wanted = c.double()
    wanted[:, :columns] += a.double() @ b[:, :columns].double()
    matrices = [number for matrix in (c, a, b) for number in (matrix.data_ptr(), matrix.stride(0))]
    c_address, c_row, a_address, a_row, b_address, b_row = matrices
    add_product(c_address, c_row, a_address, a_row, a.stride(1), b_address, b_row, rows, depth, columns)
    torch.testing.assert_close(c.double(), wanted, rtol=0, atol=1e-6 * depth)
    assert torch.equal(c[:, columns:].double(), wanted[:, columns:])
