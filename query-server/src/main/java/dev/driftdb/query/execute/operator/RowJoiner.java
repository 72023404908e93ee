package dev.driftdb.query.execute.operator;

import org.jspecify.annotations.Nullable;

/** Makes a joined row: left columns, right columns, then the row ids of both. */
public record RowJoiner(int leftWidth, int rightWidth, int leftHidden, int rightHidden) {
    /** Either side may be null: all its columns then are NULL. */
    @Nullable Object[] join(
            @Nullable Object @Nullable [] left, @Nullable Object @Nullable [] right) {
        int width = leftWidth + rightWidth;
        @Nullable Object[] row = new @Nullable Object[width + leftHidden + rightHidden];
        if (left != null) {
            System.arraycopy(left, 0, row, 0, leftWidth);
            if (leftHidden > 0) {
                System.arraycopy(left, leftWidth, row, width, leftHidden);
            }
        }
        if (right != null) {
            System.arraycopy(right, 0, row, leftWidth, rightWidth);
            if (rightHidden > 0) {
                System.arraycopy(right, rightWidth, row, width + leftHidden, rightHidden);
            }
        }
        return row;
    }
}
